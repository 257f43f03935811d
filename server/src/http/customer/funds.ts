import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type CustomerId,
  formatAmount,
  type PaymentId,
  type PaymentMethodId,
  parseAmount,
} from '../../base/index.ts';
import {
  dismissPayment,
  listOffered,
  listPayments,
  quotePayment,
  readInstructions,
  readOwnPayment,
  reportPaid,
  resumePayment,
  startPayment,
  sumOwed,
} from '../../payments/index.ts';
import type { AccountApiContext, CustomerEnv } from '../access.ts';
import { clientOf } from '../client.ts';
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
import { paymentOf, paymentParams } from '../payment-words.ts';
import {
  offeredMethodSchema,
  offeredMethodView,
  ownPaymentSchema,
  ownPaymentView,
  pricingSchema,
  pricingView,
} from './payment-views.ts';

const fundsRoute = createRoute({
  method: 'get',
  path: '/funds',
  summary: 'Your balance, and how you can add to it',
  responses: answers(
    z.object({
      balance: amountSchema,
      creditLimit: amountSchema.describe('how far below 0 the balance may go'),
      owed: amountSchema.describe('what returned payments still take from your next deposits'),
      currency: z.string(),
      methods: z.array(offeredMethodSchema),
    }),
    'Methods in the order of the panel',
  ),
});

const quoteRoute = createRoute({
  method: 'get',
  path: '/funds/quote',
  summary: 'What an amount would bring by a method, by the terms of now',
  request: { query: z.object({ method: smallIdSchema, amount: z.string().max(30) }) },
  responses: answers(pricingSchema, 'Fee, bonus and what your balance would gain'),
});

const nextSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('redirect'), url: z.string() }),
  z.object({ kind: z.literal('instructions'), text: z.string() }),
]);

const startRoute = createRoute({
  method: 'post',
  path: '/funds/payments',
  summary: 'Start a payment',
  request: {
    body: takes(z.object({ method: z.int().min(1).max(2_147_483_647), amount: amountSchema })),
  },
  responses: answers(
    pricingSchema.extend({
      payment: z.int(),
      next: nextSchema,
    }),
    'What to do next: go to an address, or pay as the instructions say',
  ),
});

const listRoute = createRoute({
  method: 'get',
  path: '/funds/payments',
  summary: 'Your payments, newest first',
  request: {
    query: pageQuery.extend({
      open: z.stringbool().default(false).describe('only those that are not paid or confirmed'),
    }),
  },
  responses: answers(
    z.object({ rows: z.array(ownPaymentSchema), next: z.string().nullable() }),
    'A page of them',
  ),
});

const oneRoute = createRoute({
  method: 'get',
  path: '/funds/payments/{paymentId}',
  summary: 'One of your payments, and how to pay it by hand',
  request: { params: paymentParams },
  responses: answers(
    ownPaymentSchema.extend({
      instructions: z.string().describe('empty for what is paid at a payment service'),
    }),
    'The payment',
  ),
});

const paidRoute = createRoute({
  method: 'post',
  path: '/funds/payments/{paymentId}/paid',
  summary: 'Say that a payment by hand is made; staff look for it then',
  request: {
    params: paymentParams,
    body: takes(
      z.object({ note: z.string().max(500).optional().describe('what it is recognised by') }),
    ),
  },
  responses: answersNothing,
});

const resumeRoute = createRoute({
  method: 'post',
  path: '/funds/payments/{paymentId}/resume',
  summary: 'Go on with a payment at the payment service, as long as it is open there',
  request: { params: paymentParams },
  responses: answers(z.object({ next: nextSchema }), 'Where it goes on'),
});

const dismissRoute = createRoute({
  method: 'post',
  path: '/funds/payments/{paymentId}/dismiss',
  summary: 'End a payment that you do not want to make any more',
  request: { params: paymentParams },
  responses: answersNothing,
});

/** Money that a customer pays in. */
export function fundsApi(ctx: AccountApiContext) {
  return createApi<CustomerEnv>()
    .openapi(fundsRoute, async (c) => c.json(await readFunds(ctx, c.var.actor.customerId), 200))
    .openapi(quoteRoute, async (c) => {
      const { method, amount } = c.req.valid('query');
      const input = { methodId: method as PaymentMethodId, amount: parseAmount(amount, 'amount') };
      return c.json(pricingView(await quotePayment(ctx.db, input)), 200);
    })
    .openapi(startRoute, async (c) => {
      const { method, amount } = c.req.valid('json');
      const { paymentId, next, ...pricing } = await startPayment(ctx, c.var.actor, {
        methodId: method as PaymentMethodId, // if it is one
        amount: parseAmount(amount, 'amount'),
        returnUrl: fundsPage(c, ctx),
      });
      return c.json({ payment: Number(paymentId), next, ...pricingView(pricing) }, 200);
    })
    .openapi(listRoute, async (c) => {
      const { customerId } = c.var.actor;
      const { cursor, limit, open } = c.req.valid('query');
      const before = cursor === undefined ? undefined : (readCursor(cursor) as PaymentId);
      const { payments, next } = await listPayments(ctx.db, {
        customerId,
        limit,
        ...(before !== undefined && { before }),
        ...(open && { states: ['started', 'waiting'] as const }),
      });
      const rows = payments.map(ownPaymentView);
      return c.json({ rows, next: next === null ? null : String(next) }, 200);
    })
    .openapi(oneRoute, async (c) => {
      const { customerId } = c.var.actor;
      const key = { customerId, paymentId: paymentOf(c.req.valid('param')) };
      const payment = ownPaymentView(await readOwnPayment(ctx.db, key));
      return c.json({ ...payment, instructions: await readInstructions(ctx.db, key) }, 200);
    })
    .openapi(paidRoute, async (c) => {
      const { note } = c.req.valid('json');
      const paymentId = paymentOf(c.req.valid('param'));
      await reportPaid(ctx, c.var.actor, { paymentId, ...(note !== undefined && { note }) });
      return c.body(null, 204);
    })
    .openapi(resumeRoute, async (c) => {
      const paymentId = paymentOf(c.req.valid('param'));
      const returnUrl = fundsPage(c, ctx);
      return c.json({ next: await resumePayment(ctx, c.var.actor, { paymentId, returnUrl }) }, 200);
    })
    .openapi(dismissRoute, async (c) => {
      const paymentId = paymentOf(c.req.valid('param'));
      await dismissPayment(ctx, c.var.actor, { paymentId });
      return c.body(null, 204);
    });
}

async function readFunds(ctx: AccountApiContext, customerId: CustomerId) {
  const { balance, creditLimit } = await ctx.db
    .selectFrom('wallets')
    .select(['balance', 'credit_limit as creditLimit'])
    .where('customer_id', '=', customerId)
    .executeTakeFirstOrThrow();
  const [owed, methods] = await Promise.all([sumOwed(ctx.db, customerId), listOffered(ctx.db)]);
  return {
    balance: formatAmount(balance),
    creditLimit: formatAmount(creditLimit),
    owed: formatAmount(owed),
    currency: ctx.catalog.current().settings.currency,
    methods: methods.map(offeredMethodView),
  };
}

/** Where a payment service leads back to. */
function fundsPage(c: Context, ctx: AccountApiContext): string {
  return new URL('/funds', clientOf(c, ctx).origin).href;
}
