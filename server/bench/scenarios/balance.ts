import { measureAgainstBare } from '../against-bare.ts';
import { withPanel } from '../panel.ts';
import { formBody, seedCustomers } from '../seed.ts';
import type { Scenario } from '../session.ts';

/** The balances of 50 customers in turn. */
export const balance: Scenario = {
  name: 'balance',
  measures: 'balances of 50 customers, against a bare node:http server',
  unit: 'calls/s',
  target: 0.7,
  run: (session) =>
    withPanel(session, async (panel) => {
      const customers = await seedCustomers(panel);
      const calls = customers.map(({ key }) => formBody({ key, action: 'balance' }));
      return measureAgainstBare(session, panel, {
        calls,
        connections: 64,
        replyPrefix: '{"balance":"',
      });
    }),
};
