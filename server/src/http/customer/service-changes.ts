import { createRoute, z } from '@hono/zod-openapi';
import { formatRate, parseRate, type Rate } from '../../base/index.ts';
import { listChanges, rateFor, type Service, type ServiceChange } from '../../catalog/index.ts';
import { type PriceTerms, readPriceTerms } from '../../customers/index.ts';
import type { Json } from '../../db/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import {
  amountSchema,
  answers,
  createApi,
  momentSchema,
  pageQuery,
  readCursor,
} from '../open-api.ts';

const kinds = ['created', 'rate', 'limits', 'flags', 'disabled', 'enabled'] as const;

const stateSchema = z
  .object({
    rate: amountSchema.describe('at your prices'),
    min: z.int(),
    max: z.int(),
    refill: z.boolean(),
    cancel: z.boolean(),
    dripfeed: z.boolean(),
  })
  .partial();

const changesRoute = createRoute({
  method: 'get',
  path: '/services/changes',
  summary: 'What changed in the catalog, newest first',
  request: { query: pageQuery },
  responses: answers(
    z.object({
      rows: z.array(
        z.object({
          id: z.int(),
          service: z.int(),
          name: z.string().describe('as it is called now'),
          kind: z.enum(kinds),
          before: stateSchema,
          after: stateSchema,
          at: momentSchema,
        }),
      ),
      next: z.string().nullable(),
    }),
    'Changes of services that are on sale, or were',
  ),
});

/** Where a customer feels nothing of so many pages, the next call goes on. */
const readsMax = 20;

/** The feed of changes of the catalog. */
export function serviceChangesApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>().openapi(changesRoute, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const before = cursor === undefined ? undefined : readCursor(cursor);
    const terms = await readPriceTerms(ctx.db, c.var.actor.customerId);
    const { rows, next } = await readFelt(ctx, terms, { limit, before });
    return c.json({ rows, next: next === undefined ? null : String(next) }, 200);
  });
}

type Page = { limit: number; before: bigint | undefined };

/**
 * The next changes that a customer feels, and what to go on by; undefined at the end. Reads on past
 * those of which they feel nothing: a page without rows would look like the end.
 */
async function readFelt(ctx: CustomerApiContext, terms: PriceTerms, { limit, before }: Page) {
  const { services } = ctx.catalog.current();
  let next = before;
  for (let reads = 1; ; reads += 1) {
    const changes = await listChanges(ctx.db, {
      limit,
      ...(next !== undefined && { before: next }),
    });
    const rows = changes
      .map((change) => changeView(change, services.get(change.serviceId), terms))
      .filter(isFelt);
    next = changes.length === limit ? changes.at(-1)?.id : undefined;
    if (rows.length > 0 || next === undefined || reads === readsMax) return { rows, next };
  }
}

function changeView(change: ServiceChange, service: Service | undefined, terms: PriceTerms) {
  const priced = (state: Json) => stateSchema.parse(atOwnPrice(state, service, terms));
  return {
    id: Number(change.id),
    service: change.serviceId,
    name: change.name,
    kind: change.kind,
    before: priced(change.before),
    after: priced(change.after),
    at: change.at.toISOString(),
  };
}

/** A price of one's own stays what it is whatever the list says. */
function isFelt({ kind, before, after }: ReturnType<typeof changeView>): boolean {
  return kind !== 'rate' || before.rate !== after.rate;
}

/** List rates would tell customers with prices of their own of what they never pay. */
function atOwnPrice(state: Json, service: Service | undefined, terms: PriceTerms): Json {
  if (typeof state.rate !== 'string' || service === undefined) return state;
  const rate: Rate = parseRate(state.rate, 'rate');
  return { ...state, rate: formatRate(rateFor({ ...service, rate }, terms)) };
}
