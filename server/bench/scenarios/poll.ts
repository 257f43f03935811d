import { measureDelivery } from '../deliveries.ts';
import { withPanel } from '../panel.ts';
import type { Scenario } from '../session.ts';

const orders = 1_000_000;

/** A million active orders at one upstream, of which one in ten has changed when it is asked. */
export const poll: Scenario = {
  name: 'poll',
  unit: 'orders/s',
  target: 1,
  enough: 10_000,
  rssMiBMax: 300,
  run: (session) =>
    withPanel(session, (panel) =>
      measureDelivery(session, panel, {
        orders,
        providers: 1,
        state: 'following',
        count: ({ rows }) => rows,
        reference: { kind: 'status', connections: 40 },
      }),
    ),
};
