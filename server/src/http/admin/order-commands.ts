import { createRoute, z } from '@hono/zod-openapi';
import { formatAmount, type RefillId } from '../../base/index.ts';
import {
  type CancelDecision,
  cancelParent,
  decideCancel,
  requestCancelFor,
} from '../../cancels/index.ts';
import {
  acknowledgeDelivery,
  type DeliveryDecision,
  decideDelivery,
  sendBy,
} from '../../fulfilment/index.ts';
import { announcePost, setPaused, settleOrder } from '../../orders/index.ts';
import { decideRefill, requestRefillFor, sendRefill } from '../../refills/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea, requireFresh } from '../access.ts';
import { orderIdSchema, statusSchema } from '../customer/order-words.ts';
import { amountSchema, answers, answersNothing, createApi, takes } from '../open-api.ts';

const linkLettersMax = 2_048;
const noteLettersMax = 500;
const params = z.object({ orderId: orderIdSchema });
const noteSchema = z.string().trim().max(noteLettersMax).optional().describe('for the timeline');
const countSchema = z.int().min(0);
const positionSchema = z.int().min(1).max(1_000);
const fresh = 'Needs a fresh sign-in.';

const settleRoute = createRoute({
  method: 'post',
  path: '/orders/{orderId}/settle',
  summary: 'Report on an order; what was not delivered is refunded. It may leave a final state',
  description: fresh,
  request: {
    params,
    body: takes(
      z.object({
        status: z
          .enum(['Pending', 'In progress', 'Processing', 'Completed', 'Partial', 'Canceled'])
          .optional(),
        remains: countSchema.optional(),
        startCount: countSchema.optional(),
        note: noteSchema,
      }),
    ),
  },
  responses: answers(
    z.object({
      changed: z.boolean(),
      status: statusSchema.nullable(),
      refund: amountSchema.describe('what went back now; below 0: was taken back'),
    }),
    'How it is after',
  ),
});

const decisionSchema = z.discriminatedUnion('decision', [
  z.object({ decision: z.literal('bind'), externalId: z.string().trim().min(1).max(50) }),
  z.object({ decision: z.literal('send_again'), position: positionSchema.optional() }),
  z.object({ decision: z.literal('refund') }),
  z.object({ decision: z.literal('wait') }),
]);

const decideRoute = createRoute({
  method: 'post',
  path: '/orders/{orderId}/decide',
  summary: 'Decide an order whose delivery is unknown or held: it is there, send it, refund, wait',
  description: fresh,
  request: { params, body: takes(decisionSchema) },
  responses: answersNothing,
});

const sendRoute = createRoute({
  method: 'post',
  path: '/orders/{orderId}/send',
  summary: 'Send an order that was not sent yet by a route of its service, at once',
  request: { params, body: takes(z.object({ position: positionSchema })) },
  responses: answersNothing,
});

const acknowledgeRoute = createRoute({
  method: 'post',
  path: '/orders/{orderId}/acknowledge',
  summary: 'Take a flagged or late accepted order out of its queue: it was seen to',
  request: { params },
  responses: answersNothing,
});

const pauseRoute = createRoute({
  method: 'put',
  path: '/orders/{orderId}/paused',
  summary: 'Pause a drip-feed or subscription, or let it go on',
  request: { params, body: takes(z.object({ isPaused: z.boolean(), note: noteSchema })) },
  responses: answersNothing,
});

const stopRoute = createRoute({
  method: 'post',
  path: '/orders/{orderId}/stop',
  summary: 'Stop a drip-feed or subscription and refund what was not created',
  description: fresh,
  request: { params },
  responses: answers(
    z.object({ outcome: z.enum(['stopped', 'requested']) }),
    'requested: its provider runs it, and is asked',
  ),
});

const postRoute = createRoute({
  method: 'post',
  path: '/orders/{orderId}/posts',
  summary: 'Announce a post to a subscription; the same link again is the same post',
  request: { params, body: takes(z.object({ link: z.string().min(1).max(linkLettersMax) })) },
  responses: answers(z.object({ announced: z.boolean() }), 'false: it was announced before'),
});

const refillRoute = createRoute({
  method: 'post',
  path: '/orders/{orderId}/refills',
  summary: "Ask for a refill in the customer's place, by the customer's rules",
  request: { params },
  responses: answers(z.object({ refill: z.int() }), 'Its number'),
});

const cancelRoute = createRoute({
  method: 'post',
  path: '/orders/{orderId}/cancel',
  summary: "Ask for a cancellation in the customer's place, by the customer's rules",
  description: fresh,
  request: { params },
  responses: answersNothing,
});

const decideCancelRoute = createRoute({
  method: 'post',
  path: '/orders/{orderId}/cancel/decide',
  summary: 'Accept a cancellation, whole or with what remains, or reject it',
  description: fresh,
  request: {
    params,
    body: takes(
      z.discriminatedUnion('decision', [
        z.object({ decision: z.literal('accept') }),
        z.object({ decision: z.literal('accept_partly'), remains: countSchema }),
        z.object({ decision: z.literal('reject') }),
      ]),
    ),
  },
  responses: answersNothing,
});

const refillParams = z.object({
  refillId: orderIdSchema.transform((id) => id as bigint as RefillId),
});

const decideRefillRoute = createRoute({
  method: 'post',
  path: '/refills/{refillId}/decide',
  summary: 'Start, complete or reject a refill',
  request: {
    params: refillParams,
    body: takes(z.object({ status: z.enum(['In progress', 'Completed', 'Rejected', 'Error']) })),
  },
  responses: answersNothing,
});

const sendRefillRoute = createRoute({
  method: 'post',
  path: '/refills/{refillId}/send',
  summary: "Ask the order's provider for a refill that waits for staff, maybe once more",
  request: { params: refillParams },
  responses: answersNothing,
});

/** What staff do with one order. Each command checks the permission by itself. */
export function orderCommandsApi(ctx: AdminApiContext) {
  return movesMoney(ctx, ['settle', 'decide'])
    .openapi(settleRoute, async (c) => {
      const { orderId } = c.req.valid('param');
      const { status, remains, startCount, note } = c.req.valid('json');
      const { outcome, refund, ...settled } = await settleOrder(ctx, c.var.actor, {
        orderId,
        ...(status && { status }),
        ...(remains !== undefined && { remains: BigInt(remains) }),
        ...(startCount !== undefined && { startCount: BigInt(startCount) }),
        ...(note && { note }),
      });
      const changed = outcome === 'changed';
      return c.json({ changed, status: settled.status, refund: formatAmount(refund) }, 200);
    })
    .openapi(decideRoute, async (c) => {
      const { orderId } = c.req.valid('param');
      const decision = toDecision(c.req.valid('json'));
      await decideDelivery(ctx, c.var.actor, { orderId, decision });
      return c.body(null, 204);
    })
    .openapi(sendRoute, async (c) => {
      const { orderId } = c.req.valid('param');
      await sendBy(ctx, c.var.actor, { orderId, position: c.req.valid('json').position });
      return c.body(null, 204);
    })
    .openapi(acknowledgeRoute, async (c) => {
      await acknowledgeDelivery(ctx, c.var.actor, c.req.valid('param').orderId);
      return c.body(null, 204);
    });
}

/** What staff do with parents: drip-feeds and subscriptions. */
export function parentCommandsApi(ctx: AdminApiContext) {
  return movesMoney(ctx, ['stop'])
    .openapi(pauseRoute, async (c) => {
      const { orderId } = c.req.valid('param');
      const { isPaused, note = '' } = c.req.valid('json');
      await setPaused(ctx, c.var.actor, { orderId, isPaused, note });
      return c.body(null, 204);
    })
    .openapi(stopRoute, async (c) => {
      const outcome = await cancelParent(ctx, c.var.actor, c.req.valid('param').orderId);
      return c.json({ outcome }, 200);
    })
    .openapi(postRoute, async (c) => {
      const { orderId } = c.req.valid('param');
      const { link } = c.req.valid('json');
      return c.json({ announced: await announcePost(ctx, c.var.actor, { orderId, link }) }, 200);
    });
}

/** Refills and cancellations: asking for them, and deciding them. */
export function requestCommandsApi(ctx: AdminApiContext) {
  return movesMoney(ctx, ['cancel', 'cancel/decide'])
    .openapi(refillRoute, async (c) => {
      const refill = await requestRefillFor(ctx, c.var.actor, c.req.valid('param').orderId);
      return c.json({ refill: Number(refill) }, 200);
    })
    .openapi(cancelRoute, async (c) => {
      await requestCancelFor(ctx, c.var.actor, c.req.valid('param').orderId);
      return c.body(null, 204);
    })
    .openapi(decideCancelRoute, async (c) => {
      const body = c.req.valid('json');
      const decision: CancelDecision =
        body.decision === 'accept_partly'
          ? { kind: 'accept_partly', remains: BigInt(body.remains) }
          : { kind: body.decision };
      const { orderId } = c.req.valid('param');
      await decideCancel(ctx, c.var.actor, { orderId, decision });
      return c.body(null, 204);
    })
    .openapi(decideRefillRoute, async (c) => {
      const { refillId } = c.req.valid('param');
      const { status } = c.req.valid('json');
      await decideRefill(ctx, c.var.actor, { refillId, status });
      return c.body(null, 204);
    })
    .openapi(sendRefillRoute, async (c) => {
      await sendRefill(ctx, c.var.actor, c.req.valid('param').refillId);
      return c.body(null, 204);
    });
}

/** A router whose commands of these names refund, so that they need a fresh sign-in. */
function movesMoney(ctx: AdminApiContext, names: readonly string[]) {
  const api = createApi<AdminEnv>();
  for (const name of names) {
    api.use(`/orders/:orderId/${name}`, requireArea('orders'), requireFresh(ctx));
  }
  return api;
}

function toDecision(body: z.infer<typeof decisionSchema>): DeliveryDecision {
  switch (body.decision) {
    case 'bind':
      return { kind: 'bind', externalId: body.externalId };
    case 'send_again':
      return body.position === undefined
        ? { kind: 'send_again' }
        : { kind: 'send_again', position: body.position };
    default:
      return { kind: body.decision };
  }
}
