import {
  type Actor,
  type CustomerId,
  parseAmount,
  parseRate,
  type ServiceId,
} from '../src/base/index.ts';
import { createService, type ServiceInput } from '../src/catalog/index.ts';
import { createCustomer, createKey } from '../src/customers/index.ts';
import { addFunds } from '../src/payments/index.ts';
import type { TestPanel } from './harness.ts';

export const staff: Actor = { kind: 'staff', name: 'test', access: 'full' };

let counter = 0;

/** A customer with a key, and with funds unless `funds` is `0`. */
export async function makeCustomer(
  panel: Pick<TestPanel, 'app'>,
  options: { funds?: string } = {},
): Promise<{ customerId: CustomerId; key: string }> {
  counter += 1;
  const customerId = await createCustomer(panel.app, staff, { name: `Customer ${counter}` });
  const funds = options.funds ?? '100';
  if (funds !== '0') {
    await addFunds(panel.app, staff, {
      customerId,
      amount: parseAmount(funds, 'funds'),
      reference: `start-${customerId}`,
    });
  }
  const { key } = await createKey(panel.app, staff, { customerId, name: 'default' });
  return { customerId, key };
}

/** A service, by default a plain one at 0.90 per 1000, from 50 to 10000; it is on sale at once. */
export async function makeService(
  panel: Pick<TestPanel, 'app'>,
  input: Partial<Omit<ServiceInput, 'rate'>> & { rate?: string } = {},
): Promise<ServiceId> {
  counter += 1;
  const { rate, ...rest } = input;
  const id = await createService(panel.app, staff, {
    name: `Service ${counter}`,
    category: 'First Category',
    type: 'Default',
    min: 50,
    max: 10_000,
    ...rest,
    rate: parseRate(rate ?? '0.90', 'rate'),
  });
  await panel.app.catalog.refresh();
  return id;
}
