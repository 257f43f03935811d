import { createRoute, z } from '@hono/zod-openapi';
import {
  type CustomerId,
  type PaymentId,
  type PaymentMethodId,
  parseAmount,
  parseId,
} from '../../base/index.ts';
import {
  clearFlag,
  confirmPayment,
  countAttention,
  dismissStray,
  listPayments,
  listStrays,
  type PaymentFilter,
  readPayment,
  rejectPayment,
  waiveOwed,
} from '../../payments/index.ts';
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
import { paymentOf, paymentParams, paymentStateSchema } from '../payment-words.ts';
import {
  flagSchema,
  paymentDetailSchema,
  paymentDetailView,
  paymentSchema,
  paymentView,
  straySchema,
  strayView,
} from './payment-views.ts';

const filterQuery = z.object({
  state: paymentStateSchema.optional(),
  method: smallIdSchema.optional(),
  customer: smallIdSchema.optional(),
  flag: flagSchema.optional(),
  wants: z
    .enum(['attention', 'owing'])
    .optional()
    .describe('only what waits for staff, or of what is still owed'),
});

const listRoute = createRoute({
  method: 'get',
  path: '/payments',
  summary: 'Payments, newest first',
  request: { query: pageQuery.extend(filterQuery.shape) },
  responses: answers(
    z.object({ rows: z.array(paymentSchema), next: z.string().nullable() }),
    'A page of them',
  ),
});

const waitingRoute = createRoute({
  method: 'get',
  path: '/payments/waiting',
  summary: 'How many payments, and reports of none that is known, wait for staff',
  responses: answers(z.object({ payments: z.int(), strays: z.int() }), 'Counted now'),
});

const detailRoute = createRoute({
  method: 'get',
  path: '/payments/{paymentId}',
  summary: 'A payment with its disputes and all that happened to it',
  request: { params: paymentParams },
  responses: answers(paymentDetailSchema, 'The payment'),
});

const noteSchema = z.string().max(500);
const changedSchema = z.object({ changed: z.boolean() });
const fresh = 'Needs a fresh sign-in.';

const confirmRoute = createRoute({
  method: 'post',
  path: '/payments/{paymentId}/confirm',
  summary: 'Credit a payment that was made',
  description: `${fresh} What is credited counts to your day's limit.`,
  request: {
    params: paymentParams,
    body: takes(
      z.object({
        amount: amountSchema.optional().describe('what came, if not what was started'),
        note: noteSchema.optional(),
      }),
    ),
  },
  responses: answers(changedSchema, 'No change: it was credited before'),
});

const rejectRoute = createRoute({
  method: 'post',
  path: '/payments/{paymentId}/reject',
  summary: 'Reject a payment that was not made',
  request: { params: paymentParams, body: takes(z.object({ note: noteSchema.optional() })) },
  responses: answers(changedSchema, 'No change: it had failed before'),
});

const noted = { params: paymentParams, body: takes(z.object({ note: noteSchema.min(1) })) };

const flagRoute = createRoute({
  method: 'post',
  path: '/payments/{paymentId}/clear-flag',
  summary: 'Take the mark off a payment that you have looked into',
  request: noted,
  responses: answers(changedSchema, 'No change: it had none'),
});

const waiveRoute = createRoute({
  method: 'post',
  path: '/payments/{paymentId}/waive',
  summary: 'Let go of what a customer still owes of a payment that was returned',
  description: `${fresh} It counts to your day's limit.`,
  request: noted,
  responses: answers(changedSchema, 'No change: nothing is owed'),
});

const straysRoute = createRoute({
  method: 'get',
  path: '/payment-strays',
  summary: 'What gateways reported of payments nobody knows, oldest first',
  request: { query: pageQuery },
  responses: answers(
    z.object({ rows: z.array(straySchema), next: z.string().nullable() }),
    'A page of them',
  ),
});

const dismissRoute = createRoute({
  method: 'post',
  path: '/payment-strays/{strayId}/dismiss',
  summary: 'Take a report off the list: it is about nothing of this panel',
  request: { params: z.object({ strayId: z.string().max(20) }) },
  responses: answersNothing,
});

/** Money that comes in: payments that staff judge, reports of payments nobody knows. */
export function paymentsApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  for (const path of ['/payments', '/payments/:paymentId', '/payment-strays']) {
    api.get(path, requireArea('payments'));
  }
  for (const path of ['confirm', 'waive']) {
    api.post(`/payments/:paymentId/${path}`, requireArea('payments'), requireFresh(ctx));
  }
  return api
    .openapi(listRoute, async (c) => {
      const { cursor, limit, ...query } = c.req.valid('query');
      const before = cursor === undefined ? {} : { before: readCursor(cursor) as PaymentId };
      const page = { ...filterOf(query, ctx.clock.now()), ...before, limit };
      const { payments, next } = await listPayments(ctx.db, page);
      const rows = payments.map(paymentView);
      return c.json({ rows, next: next === null ? null : String(next) }, 200);
    })
    .openapi(waitingRoute, async (c) => {
      return c.json(await countAttention(ctx.db, ctx.clock.now()), 200);
    })
    .openapi(detailRoute, async (c) => {
      const payment = await readPayment(ctx.db, paymentOf(c.req.valid('param')));
      return c.json(paymentDetailView(payment), 200);
    })
    .openapi(confirmRoute, async (c) => {
      const { amount, note } = c.req.valid('json');
      const changed = await confirmPayment(ctx, c.var.actor, {
        paymentId: paymentOf(c.req.valid('param')),
        ...(amount === undefined ? {} : { amount: parseAmount(amount, 'amount') }),
        ...(note === undefined ? {} : { note }),
      });
      return c.json({ changed }, 200);
    })
    .openapi(rejectRoute, async (c) => {
      const { note = '' } = c.req.valid('json');
      const input = { paymentId: paymentOf(c.req.valid('param')), note };
      return c.json({ changed: await rejectPayment(ctx, c.var.actor, input) }, 200);
    })
    .openapi(flagRoute, async (c) => {
      const { note } = c.req.valid('json');
      const input = { paymentId: paymentOf(c.req.valid('param')), note };
      return c.json({ changed: await clearFlag(ctx, c.var.actor, input) }, 200);
    })
    .openapi(waiveRoute, async (c) => {
      const { note } = c.req.valid('json');
      const input = { paymentId: paymentOf(c.req.valid('param')), note };
      return c.json({ changed: await waiveOwed(ctx, c.var.actor, input) }, 200);
    })
    .openapi(straysRoute, async (c) => {
      const { cursor, limit } = c.req.valid('query');
      const after = cursor === undefined ? 0n : readCursor(cursor);
      const strays = await listStrays(ctx.db, limit + 1, after);
      const page = strays.slice(0, limit);
      const last = page.at(-1);
      const next = strays.length > limit && last !== undefined ? String(last.id) : null;
      return c.json({ rows: page.map(strayView), next }, 200);
    })
    .openapi(dismissRoute, async (c) => {
      const id = parseId(c.req.valid('param').strayId) ?? 0n;
      await dismissStray(ctx, c.var.actor, id);
      return c.body(null, 204);
    });
}

function filterOf(query: z.infer<typeof filterQuery>, at: Date) {
  const { state, method, customer, flag, wants } = query;
  return {
    ...(state === undefined ? {} : { states: [state] }),
    ...(method === undefined ? {} : { methodId: method as PaymentMethodId }),
    ...(customer === undefined ? {} : { customerId: customer as CustomerId }),
    ...(flag === undefined ? {} : { flags: [flag] }),
    ...(wants === 'attention' ? { attentionAt: at } : {}),
    ...(wants === 'owing' ? { owing: true } : {}),
  } satisfies PaymentFilter;
}
