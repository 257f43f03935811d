import { measureDelivery } from '../deliveries.ts';
import { withPanel } from '../panel.ts';
import type { Scenario } from '../session.ts';

const orders = 100_000;
const providers = 5;

/** Orders for five providers, each with its attempt on disk before it is sent. */
export const forward: Scenario = {
  name: 'forward',
  unit: 'orders/s',
  target: 1,
  enough: 1_000,
  rssMiBMax: 300,
  run: (session) =>
    withPanel(session, (panel) =>
      measureDelivery(session, panel, {
        orders,
        providers,
        state: 'due',
        count: ({ adds }) => adds,
        reference: { kind: 'add', connections: 320 },
      }),
    ),
};
