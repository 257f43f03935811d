import { measureAgainstBare } from '../against-bare.ts';
import { withPanel } from '../panel.ts';
import { formBody, randomWhole, seedCustomers, seedOrders } from '../seed.ts';
import type { Scenario } from '../session.ts';

const orders = 100_000;
const callsMade = 50_000;

/** One random order of 100,000 per call, each asked for by its customer. */
export const status: Scenario = {
  name: 'status',
  measures: 'one order of 100,000 per call, against a bare node:http server',
  unit: 'calls/s',
  target: 0.7,
  run: (session) =>
    withPanel(session, async (panel) => {
      const customers = await seedCustomers(panel);
      await seedOrders(panel, customers, { count: orders });
      const calls = Array.from({ length: callsMade }, () => {
        const order = randomWhole(1, orders);
        const key = customers[order % customers.length]?.key ?? '';
        return formBody({ key, action: 'status', order });
      });
      return measureAgainstBare(session, panel, {
        calls,
        connections: 64,
        replyPrefix: '{"charge":"',
      });
    }),
};
