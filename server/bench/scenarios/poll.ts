import { measureDelivery } from '../deliveries.ts';
import { withPanel } from '../panel.ts';
import type { Scenario } from '../session.ts';

/** A million active orders at one upstream, of which one in ten has changed when it is asked. */
export const poll: Scenario = {
  name: 'poll',
  measures: 'active orders followed at an upstream panel, one in ten changed; memory',
  unit: 'updates/s',
  target: 15_000,
  judgedBy: 'least',
  size: 1_000_000,
  rssMiBMax: 300,
  run: (session) =>
    withPanel(session, (panel) =>
      measureDelivery(session, panel, {
        providers: 1,
        state: 'following',
        count: ({ rows }) => rows,
        reference: { kind: 'status', connections: 40 },
      }),
    ),
};
