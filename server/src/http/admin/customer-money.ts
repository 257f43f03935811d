import { createRoute, z } from '@hono/zod-openapi';
import {
  type Amount,
  AppError,
  amount,
  type CustomerId,
  formatAmount,
  formatRate,
  parseAmount,
  parseRate,
  type ServiceId,
} from '../../base/index.ts';
import { rateFor } from '../../catalog/index.ts';
import { liftMoneyStop, readPriceTerms, setCustomerPrice } from '../../customers/index.ts';
import { readBalances, readStatement } from '../../ledger/index.ts';
import { addFunds, adjustBalance } from '../../payments/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea, requireFresh } from '../access.ts';
import {
  amountSchema,
  answers,
  answersNothing,
  createApi,
  pageQuery,
  readCursor,
  smallIdSchema,
  takes,
} from '../open-api.ts';
import { customerOf, customerParams, lineSchema, lineView } from './customer-views.ts';

const optionsMax = 30;
const referenceSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/)
  .describe('the same one again changes nothing');

const statementRoute = createRoute({
  method: 'get',
  path: '/customers/{customerId}/statement',
  summary: "A customer's transfers, newest first",
  request: { params: customerParams, query: pageQuery },
  responses: answers(
    z.object({ rows: z.array(lineSchema), next: z.string().nullable() }),
    'A page of them',
  ),
});

const adjustRoute = createRoute({
  method: 'post',
  path: '/customers/{customerId}/adjustments',
  summary: 'Give to a wallet, or take from it with a minus, for a reason',
  description: "Needs a fresh sign-in. What is given counts to your day's limit.",
  request: {
    params: customerParams,
    body: takes(
      z.object({
        amount: z
          .string()
          .regex(/^-?\d{1,15}(\.\d{1,8})?$/)
          .openapi({ example: '-2.50' }),
        reason: z.string().trim().min(1).max(500).describe('the customer reads it'),
        reference: referenceSchema,
      }),
    ),
  },
  responses: answers(
    z.object({ changed: z.boolean(), balance: amountSchema }),
    'Whether that was a change, and the balance after it',
  ),
});

const fundsRoute = createRoute({
  method: 'post',
  path: '/customers/{customerId}/funds',
  summary: 'Add funds that were paid in, or a bonus',
  description: "Needs a fresh sign-in. They count to your day's limit.",
  request: {
    params: customerParams,
    body: takes(
      z.object({
        amount: amountSchema,
        source: z.enum(['deposits', 'bonuses']).default('deposits'),
        reference: referenceSchema,
      }),
    ),
  },
  responses: answers(
    z.object({ changed: z.boolean(), balance: amountSchema }),
    'Whether that was a change, and the balance after it',
  ),
});

const liftRoute = createRoute({
  method: 'post',
  path: '/customers/{customerId}/lift-stop',
  summary: 'Let money move again that was stopped because it does not add up',
  description: 'Needs a fresh sign-in. What was found stops the customer no more as it is now.',
  request: {
    params: customerParams,
    body: takes(z.object({ reason: z.string().trim().min(1).max(500) })),
  },
  responses: answersNothing,
});

const priceParams = customerParams.extend({ serviceId: smallIdSchema });

const priceRoute = createRoute({
  method: 'put',
  path: '/customers/{customerId}/prices/{serviceId}',
  summary: 'Give a customer an own price for a service, or take it away',
  request: {
    params: priceParams,
    body: takes(
      z.object({ rate: amountSchema.nullable().describe('null: list price and discount again') }),
    ),
  },
  responses: answersNothing,
});

const optionsRoute = createRoute({
  method: 'get',
  path: '/customers/{customerId}/prices',
  summary: 'Services by a part of their name or their number, with what the customer pays',
  request: { params: customerParams, query: z.object({ search: z.string().max(200).default('') }) },
  responses: answers(
    z.object({
      services: z.array(
        z.object({
          id: z.int(),
          name: z.string(),
          category: z.string(),
          listRate: amountSchema,
          rate: amountSchema.describe('what this customer pays'),
        }),
      ),
    }),
    `At most ${optionsMax}`,
  ),
});

/** What a customer has and pays: wallet, statement, own prices. */
export function customerMoneyApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/customers/:customerId/statement', requireArea('customers'));
  api.use('/customers/:customerId/prices', requireArea('customers'));
  for (const path of ['adjustments', 'funds', 'lift-stop']) {
    api.use(`/customers/:customerId/${path}`, requireArea('payments'), requireFresh(ctx));
  }
  return api
    .openapi(statementRoute, async (c) => {
      const { cursor, limit } = c.req.valid('query');
      const customerId = customerOf(c.req.valid('param'));
      await readWallet(ctx, customerId);
      const page = { limit, ...(cursor === undefined ? {} : { before: readCursor(cursor) }) };
      const { lines, next } = await readStatement(ctx.db, customerId, page);
      return c.json({ rows: lines.map(lineView), next: next === null ? null : String(next) }, 200);
    })
    .openapi(adjustRoute, async (c) => {
      const { amount: text, reason, reference } = c.req.valid('json');
      const customerId = customerOf(c.req.valid('param'));
      const input = { customerId, amount: parseSigned(text), reason, reference };
      const { adjusted, balance } = await adjustBalance(ctx, c.var.actor, input);
      return c.json({ changed: adjusted, balance: formatAmount(balance) }, 200);
    })
    .openapi(fundsRoute, async (c) => {
      const { amount: text, source, reference } = c.req.valid('json');
      const customerId = customerOf(c.req.valid('param'));
      const input = { customerId, amount: parseAmount(text, 'amount'), source, reference };
      const changed = await addFunds(ctx, c.var.actor, input);
      const balance = formatAmount(await readWallet(ctx, customerId));
      return c.json({ changed, balance }, 200);
    })
    .openapi(liftRoute, async (c) => {
      const customerId = customerOf(c.req.valid('param'));
      await liftMoneyStop(ctx, c.var.actor, { customerId, ...c.req.valid('json') });
      return c.body(null, 204);
    })
    .openapi(priceRoute, async (c) => {
      const { rate: text } = c.req.valid('json');
      const { serviceId, ...param } = c.req.valid('param');
      await setCustomerPrice(ctx, c.var.actor, {
        customerId: customerOf(param),
        serviceId: serviceId as ServiceId, // if it is one
        rate: text === null ? null : parseRate(text, 'rate'),
      });
      return c.body(null, 204);
    })
    .openapi(optionsRoute, async (c) => {
      const customerId = customerOf(c.req.valid('param'));
      await readWallet(ctx, customerId);
      const { search } = c.req.valid('query');
      return c.json({ services: await findServices(ctx, customerId, search) }, 200);
    });
}

async function findServices(ctx: AdminApiContext, customerId: CustomerId, search: string) {
  const terms = await readPriceTerms(ctx.db, customerId);
  const text = search.trim().toLowerCase();
  const found = [...ctx.catalog.current().services.values()].filter(
    ({ id, name }) => String(id) === text || name.toLowerCase().includes(text),
  );
  return found.slice(0, optionsMax).map((service) => ({
    id: service.id,
    name: service.name,
    category: service.category,
    listRate: formatRate(service.rate),
    rate: formatRate(rateFor(service, terms)),
  }));
}

/** @throws AppError `not_found` */
async function readWallet(ctx: AdminApiContext, customerId: CustomerId): Promise<Amount> {
  const balance = (await readBalances(ctx.db, [customerId])).get(customerId);
  if (balance === undefined) throw new AppError('not_found', `no customer ${customerId}`);
  return balance;
}

function parseSigned(text: string): Amount {
  const size = parseAmount(text.replace('-', ''), 'amount');
  return text.startsWith('-') ? amount(-size) : size;
}
