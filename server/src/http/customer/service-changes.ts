import { createRoute, z } from '@hono/zod-openapi';
import { formatRate, parseId, parseRate, type Rate } from '../../base/index.ts';
import { listChanges, rateFor, type Service, type ServiceChange } from '../../catalog/index.ts';
import { type PriceTerms, readPriceTerms } from '../../customers/index.ts';
import type { Json } from '../../db/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import { amountSchema, answers, createApi, momentSchema, pageQuery } from '../open-api.ts';

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

/** The feed of changes of the catalog. */
export function serviceChangesApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>().openapi(changesRoute, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const before = cursor === undefined ? undefined : parseId(cursor);
    const terms = await readPriceTerms(ctx.db, c.var.actor.customerId);
    const page = { limit, ...(before !== undefined && { before }) };
    const changes = await listChanges(ctx.db, page);
    const { services } = ctx.catalog.current();
    const rows = changes
      .map((change) => changeView(change, services.get(change.serviceId), terms))
      .filter(isFelt);
    const last = changes.length === limit ? changes.at(-1) : undefined;
    return c.json({ rows, next: last === undefined ? null : String(last.id) }, 200);
  });
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
