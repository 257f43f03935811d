import { measureAgainstBare } from '../against-bare.ts';
import { withPanel } from '../panel.ts';
import { formBody, seedCustomers, seedServices } from '../seed.ts';
import type { Scenario } from '../session.ts';

const reply = { replyPrefix: '[{"service":', isOneReply: true };

/** The price list of 5,000 services, asked for by 50 customers in turn. */
export const services: Scenario = {
  name: 'services',
  unit: 'lists/s',
  target: 0.7,
  run: (session) =>
    withPanel(session, async (panel) => {
      const customers = await seedCustomers(panel);
      await seedServices(panel, 5_000);
      const calls = customers.map(({ key }) => formBody({ key, action: 'services' }));
      return measureAgainstBare(session, panel, { calls, connections: 64, ...reply });
    }),
};
