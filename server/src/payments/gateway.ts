import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import {
  type Amount,
  AppError,
  formatAmount,
  isPlainJson,
  minuteMs,
  type PaymentId,
  parseAmount,
  parseId,
} from '../base/index.ts';
import { gatewayId, gatewaySeconds } from './event-fields.ts';
import type { Report } from './report.ts';

/** A payment as a webhook gateway is told of it. */
export type PayRequest = {
  paymentId: PaymentId;
  amount: Amount;
  currency: string;
  returnUrl: string;
};

const toleranceMs = 5 * minuteMs;
const signatureForm = /^[0-9a-f]{64}$/;
const signaturesMax = 5;

/**
 * The address a customer is sent to: the gateway's own with `payment`, `amount`, `currency`,
 * `return_url`, `timestamp` and, last, `signature`, the HMAC-SHA256 in hex of these parameters
 * exactly as they stand in the address, from `payment=` up to `&signature=`.
 */
export function signPayUrl(
  gateway: { payUrl: string; secret: string },
  request: PayRequest,
  at: Date,
): string {
  const parameters = new URLSearchParams({
    payment: String(request.paymentId),
    amount: formatAmount(request.amount),
    currency: request.currency,
    return_url: request.returnUrl,
    timestamp: String(Math.floor(at.getTime() / 1_000)),
  }).toString();
  const signature = sign(gateway.secret, Buffer.from(parameters));
  const join = gateway.payUrl.includes('?') ? '&' : '?';
  return `${gateway.payUrl}${join}${parameters}&signature=${signature}`;
}

/**
 * Reads a webhook of a gateway. Its signature is `t=<unix seconds>,v1=<hex>`: the HMAC-SHA256 of
 * the seconds, a dot and the body's bytes. Several `v1` may stand there while a secret changes.
 * `undefined`: an event of a type that is neither `payment.` nor `dispute.`.
 * @throws AppError `invalid_input` for a signature that is wrong or more than 5 minutes off, and
 *   for an event that can't be read
 */
export function readGatewayEvent(
  input: { body: Uint8Array; signature: string; secret: string },
  at: Date,
): Report | undefined {
  verifySignature(input, at);
  const event = parseJson(input.body);
  if (!isPlainJson(event)) throw new AppError('invalid_input', 'the event is not plain');
  // Refused, an event of another type would be sent again and again.
  if (otherEvent.safeParse(event).success) return undefined;
  const parsed = eventForm.safeParse(event);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AppError('invalid_input', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  return reportOf(parsed.data);
}

function verifySignature(
  { body, signature, secret }: { body: Uint8Array; signature: string; secret: string },
  at: Date,
): void {
  const parts = signature.split(',').map((part) => part.trim());
  const seconds = parts.find((part) => part.startsWith('t='))?.slice(2) ?? '';
  const given = parts.filter((part) => part.startsWith('v1=')).map((part) => part.slice(3));
  const isDated = /^[0-9]{1,12}$/.test(seconds);
  const ageMs = isDated ? at.getTime() - Number.parseInt(seconds, 10) * 1_000 : toleranceMs + 1;
  const expected = Buffer.from(sign(secret, Buffer.concat([Buffer.from(`${seconds}.`), body])));
  const isSigned = given
    .slice(0, signaturesMax)
    .some((text) => signatureForm.test(text) && timingSafeEqual(Buffer.from(text), expected));
  if (!isSigned) throw new AppError('invalid_input', 'the signature is not right');
  if (Math.abs(ageMs) > toleranceMs) {
    throw new AppError('invalid_input', 'the signature is more than 5 minutes off');
  }
}

function sign(secret: string, bytes: Uint8Array): string {
  return createHmac('sha256', secret).update(bytes).digest('hex');
}

const amountText = z.string().regex(/^[0-9]{1,15}(\.[0-9]{1,8})?$/);
const known = { id: gatewayId, payment: z.string() };
const money = { amount: amountText, currency: z.string().regex(/^[A-Z]{3}$/) };

const eventForm = z.union([
  z.object({ ...known, ...money, type: z.literal('payment.succeeded'), transaction: gatewayId }),
  z.object({ ...known, type: z.literal('payment.processing'), transaction: gatewayId }),
  z.object({ ...known, type: z.enum(['payment.failed', 'payment.expired']) }),
  z.object({ ...known, type: z.literal('payment.refunded'), amount: amountText }),
  z.object({
    ...known,
    type: z.enum(['dispute.opened', 'dispute.won', 'dispute.lost']),
    dispute: gatewayId,
    amount: amountText,
    created: gatewaySeconds,
  }),
]);
const otherEvent = z.object({
  type: z.string().refine((type) => !/^(payment|dispute)\./.test(type)),
});
type GatewayEvent = z.infer<typeof eventForm>;

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (cause) {
    throw new AppError('invalid_input', 'the body is no JSON', { cause });
  }
}

function reportOf(event: GatewayEvent): Report {
  const number = parseId(event.payment);
  if (number === undefined) throw new AppError('invalid_input', 'payment: no number of a payment');
  const paymentId = number as PaymentId; // the number we gave the gateway
  const about = { eventId: event.id, paymentId, sessionId: null, chargeId: null };
  switch (event.type) {
    case 'payment.succeeded': {
      const { currency, transaction: externalId } = event;
      const amount = parseAmount(event.amount, 'amount');
      return { ...about, kind: 'paid', externalId, amount, currency };
    }
    case 'payment.processing':
      return { ...about, kind: 'processing', externalId: event.transaction };
    case 'payment.failed':
      return { ...about, kind: 'failed' };
    case 'payment.expired':
      return { ...about, kind: 'expired' };
    case 'payment.refunded':
      return { ...about, kind: 'refunded', amount: parseAmount(event.amount, 'amount') };
    case 'dispute.opened':
      return { ...about, kind: 'dispute', dispute: disputeOf(event, 'open') };
    case 'dispute.won':
      return { ...about, kind: 'dispute', dispute: disputeOf(event, 'won') };
    case 'dispute.lost':
      return { ...about, kind: 'dispute', dispute: disputeOf(event, 'lost') };
  }
}

type DisputeEvent = Extract<GatewayEvent, { dispute: string }>;

function disputeOf(event: DisputeEvent, state: 'open' | 'won' | 'lost') {
  return {
    id: event.dispute,
    state,
    amount: parseAmount(event.amount, 'amount'),
    reportedAt: new Date(event.created * 1_000),
  };
}
