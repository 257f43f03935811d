import { measureAgainstBare } from '../against-bare.ts';
import { withPanel } from '../panel.ts';
import { formBody, seedCustomers, seedServices } from '../seed.ts';
import type { Scenario } from '../session.ts';

const reply = { replyPrefix: '[{"service":', isOneReply: true };

const listed = 10_000;

/** A list of 10,000 services, asked for by a customer who has own prices for half of them. */
export const services: Scenario = {
  name: 'services',
  measures: 'a list of 10,000 services with own prices, against a bare node:http server',
  unit: 'lists/s',
  target: 0.8,
  run: (session) =>
    withPanel(session, async (panel) => {
      const [customer] = await seedCustomers(panel, 1);
      if (customer === undefined) throw new Error('nobody to ask');
      await seedServices(panel, listed);
      await panel.owner.sql`insert into customer_prices (customer_id, service_id, rate)
        select ${customer.customerId}::int, n, n from generate_series(1, ${listed}::int, 2) n`;
      const calls = [formBody({ key: customer.key, action: 'services' })];
      return measureAgainstBare(session, panel, { calls, connections: 64, ...reply });
    }),
};
