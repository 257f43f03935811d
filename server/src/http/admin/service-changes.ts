import { createRoute, z } from '@hono/zod-openapi';
import { AppError, formatAmount, formatRate, parseId } from '../../base/index.ts';
import {
  decideChanges,
  listStaffChanges,
  listWaitingChanges,
  type WaitingChange,
} from '../../catalog/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { amountSchema, answers, createApi, momentSchema, pageQuery, takes } from '../open-api.ts';

const changesMax = 10_000;
const valuesSchema = z.record(z.string(), z.union([z.string(), z.int(), z.boolean(), z.null()]));
const nextSchema = z.string().nullable().describe('cursor of the next page');

const waitingRoute = createRoute({
  method: 'get',
  path: '/services/changes/waiting',
  summary: 'Rates that wait for staff: they jumped at the provider',
  request: { query: pageQuery },
  responses: answers(
    z.object({
      rows: z.array(
        z.object({
          id: z.int(),
          serviceId: z.int(),
          name: z.string(),
          category: z.string(),
          rate: amountSchema.describe('of now'),
          newRate: amountSchema,
          provider: z.string().nullable(),
          cost: amountSchema.nullable().describe('at the provider now, in the panel’s currency'),
          costBefore: amountSchema.nullable().describe('before it jumped'),
          at: momentSchema,
        }),
      ),
      next: nextSchema,
    }),
    'Oldest first',
  ),
});

const decideRoute = createRoute({
  method: 'post',
  path: '/services/changes/decide',
  summary: 'Apply or reject rates that wait; what waits no more is left out',
  request: {
    body: takes(
      z.object({
        changeIds: z.array(z.int().min(1)).min(1).max(changesMax),
        decision: z.enum(['apply', 'reject']),
      }),
    ),
  },
  responses: answers(z.object({ decided: z.int() }), 'How many were decided'),
});

const feedRoute = createRoute({
  method: 'get',
  path: '/services/changes',
  summary: 'What changed of services, also of hidden ones, and who did it',
  request: { query: pageQuery },
  responses: answers(
    z.object({
      rows: z.array(
        z.object({
          id: z.int(),
          serviceId: z.int(),
          name: z.string(),
          kind: z.enum(['created', 'rate', 'limits', 'flags', 'disabled', 'enabled']),
          state: z.enum(['applied', 'rejected']),
          before: valuesSchema,
          after: valuesSchema,
          actor: z.string(),
          decidedBy: z.string().nullable(),
          at: momentSchema,
        }),
      ),
      next: nextSchema,
    }),
    'Newest first',
  ),
});

/** What changed of services, and what waits for a decision. */
export function serviceChangesApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/services/changes', requireArea('services'));
  api.use('/services/changes/waiting', requireArea('services'));
  return api
    .openapi(waitingRoute, async (c) => {
      const { limit, before: after } = toPage(c.req.valid('query'));
      const rows = await listWaitingChanges(ctx.db, { limit, ...(after && { after }) });
      return c.json({ rows: rows.map(waitingView), next: nextOf(rows, limit) }, 200);
    })
    .openapi(decideRoute, async (c) => {
      const { changeIds, decision } = c.req.valid('json');
      const input = { changeIds: changeIds.map(BigInt), decision };
      return c.json({ decided: await decideChanges(ctx, c.var.actor, input) }, 200);
    })
    .openapi(feedRoute, async (c) => {
      const page = toPage(c.req.valid('query'));
      const rows = await listStaffChanges(ctx.db, page);
      const views = rows.map(({ id, state, before, after, at, ...row }) => ({
        ...row,
        id: Number(id),
        state: state === 'rejected' ? state : ('applied' as const),
        before: toValues(before),
        after: toValues(after),
        at: at.toISOString(),
      }));
      return c.json({ rows: views, next: nextOf(rows, page.limit) }, 200);
    });
}

function waitingView(change: WaitingChange) {
  const { id, serviceId, name, category, rate, after, provider, cost, costBefore, at } = change;
  return {
    ...{ id: Number(id), serviceId, name, category, provider },
    rate: formatRate(rate),
    newRate: String(after.rate),
    cost: cost === null ? null : formatAmount(cost),
    costBefore: costBefore === null ? null : formatAmount(costBefore),
    at: at.toISOString(),
  };
}

/** @throws AppError `invalid_input` for a cursor that is none of ours */
function toPage({ cursor, limit }: z.infer<typeof pageQuery>): { limit: number; before?: bigint } {
  if (cursor === undefined) return { limit };
  const before = parseId(cursor);
  if (before === undefined) throw new AppError('invalid_input', 'the cursor is the next of a page');
  return { limit, before };
}

function nextOf(rows: readonly { id: bigint }[], limit: number): string | null {
  const last = rows.at(-1);
  return last === undefined || rows.length < limit ? null : String(last.id);
}

/** What a change noted for the panel itself is nobody's business. */
function toValues(json: { [name: string]: unknown }): z.infer<typeof valuesSchema> {
  const { basis: _basis, cost: _cost, ...shown } = json;
  return valuesSchema.parse(shown);
}
