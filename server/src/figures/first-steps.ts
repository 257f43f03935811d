import { sql } from 'kysely';
import type { Db } from '../db/index.ts';

/** What of a new panel is set up already. */
export type FirstSteps = {
  /** Whether the panel has a name or a logo of its own. */
  settings: boolean;
  provider: boolean;
  services: boolean;
  /** Whether customers are offered a way to pay. */
  payments: boolean;
  customers: boolean;
};

/** What a panel is called before anybody has named it. */
const nameDefault = 'Panelwright';

/** Reads how far an operator has come with a new panel. */
export async function readFirstSteps(db: Db): Promise<FirstSteps> {
  const found = await sql<FirstSteps>`
    select (select name <> ${nameDefault} or logo is not null from settings) as settings,
      exists (select from providers) as provider, exists (select from services) as services,
      exists (select from payment_methods where enabled) as payments,
      exists (select from customers) as customers`.execute(db);
  const [steps] = found.rows;
  if (steps === undefined) throw new Error('the steps are one row');
  return steps;
}
