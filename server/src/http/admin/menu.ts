import { createRoute, z } from '@hono/zod-openapi';
import { type Queues, readQueues } from '../../figures/index.ts';
import type { AdminApiContext, AdminEnv } from '../access.ts';
import { answers, createApi } from '../open-api.ts';

/** Every open page asks twice a minute, so all who ask within this get one answer. */
const keptMs = 5_000;

const menuRoute = createRoute({
  method: 'get',
  path: '/menu',
  summary: 'How much waits behind each entry of the menu',
  description: 'null: not for you. Every member of staff may ask.',
  responses: answers(
    z.object({
      queues: z.int().nullable().describe('orders, refills and cancellations'),
      payments: z.int().nullable(),
      prices: z.int().nullable().describe('rates that jumped'),
      isRed: z.boolean().nullable().describe('whether something stands still'),
    }),
    'Counts that are at most some seconds old',
  ),
});

/** What the operators' menu shows beside its entries. */
export function menuApi(ctx: AdminApiContext) {
  let kept: { atMs: number; queues: Promise<Queues> } | undefined;

  function readKept(): Promise<Queues> {
    const now = ctx.clock.now();
    if (kept !== undefined && Math.abs(now.getTime() - kept.atMs) < keptMs) return kept.queues;
    const queues = readQueues(ctx.db, now);
    kept = { atMs: now.getTime(), queues };
    queues.catch(() => {
      kept = undefined;
    });
    return queues;
  }

  return createApi<AdminEnv>().openapi(menuRoute, async (c) => {
    const areas = c.var.signedIn.staff?.areas ?? new Set();
    const [queues, readiness] = await Promise.all([readKept(), ctx.readiness.read()]);
    const { unknown, margin, delivery, refills, cancels, stuck } = queues;
    const all = unknown + margin + delivery + refills + cancels + stuck;
    return c.json(
      {
        queues: areas.has('orders') ? all : null,
        payments: areas.has('payments') ? queues.payments : null,
        prices: areas.has('services') ? queues.prices : null,
        isRed: areas.has('system') ? readiness.state === 'red' : null,
      },
      200,
    );
  });
}
