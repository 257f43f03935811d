import { measureDelivery } from '../deliveries.ts';
import { withPanel } from '../panel.ts';
import type { Scenario } from '../session.ts';

const providers = 10;

/** Orders for ten providers, each with its attempt on disk before it is sent. */
export const forward: Scenario = {
  name: 'forward',
  measures: 'orders sent to 10 upstream panels, each with a durable intent',
  unit: 'orders/s',
  target: 2_000,
  judgedBy: 'least',
  size: 100_000,
  rssMiBMax: 300,
  run: (session) =>
    withPanel(session, (panel) =>
      measureDelivery(session, panel, {
        providers,
        state: 'due',
        count: ({ adds }) => adds,
        reference: { kind: 'add', connections: 320 },
      }),
    ),
};
