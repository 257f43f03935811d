import { measureAgainstBare } from '../against-bare.ts';
import { withPanel } from '../panel.ts';
import { formBody, randomWhole, seedCustomers, seedOrders } from '../seed.ts';
import type { Scenario } from '../session.ts';

const orders = 100_000;
const callsMade = 5_000;
const idsPerCall = 100;

/** 100 different random orders of one customer per call. */
export const status100: Scenario = {
  name: 'status100',
  measures: '100 orders per call, against a bare node:http server',
  unit: 'lists/s',
  target: 0.25,
  enough: 5_000,
  run: (session) =>
    withPanel(session, async (panel) => {
      const customers = await seedCustomers(panel);
      await seedOrders(panel, customers, orders);
      const calls = Array.from({ length: callsMade }, () => {
        const at = randomWhole(0, customers.length - 1);
        const ids = new Set<number>();
        // Order n belongs to customer n modulo their number.
        while (ids.size < idsPerCall) {
          ids.add(randomWhole(1, orders / customers.length - 1) * customers.length + at);
        }
        const key = customers[at]?.key ?? '';
        return formBody({ key, action: 'status', orders: [...ids].join(',') });
      });
      return measureAgainstBare(session, panel, { calls, connections: 64, replyPrefix: '{"' });
    }),
};
