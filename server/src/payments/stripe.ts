import type StripeClient from 'stripe';
import { z } from 'zod';
import { type Amount, AppError, isPlainJson, type PaymentId, parseId } from '../base/index.ts';
import { gatewayId, gatewaySeconds } from './event-fields.ts';
import { fromMinorUnits, isCountable, toMinorUnits } from './minor-units.ts';
import type { DisputeState, Report } from './report.ts';

/** A payment as Stripe Checkout is asked for it. */
export type Checkout = {
  paymentId: PaymentId;
  /** Tells its payments from those of other panels with the same account. */
  panelId: string;
  amount: Amount;
  currency: string;
  /** What the payer reads that it is for. */
  title: string;
  paidUrl: string;
  canceledUrl: string;
};

export type StripeAccess = { secretKey: string; timeoutMs: number; api: URL | undefined };

/** Our number of a payment, in what is Stripe's of it, and whose number that is. */
const metadataName = 'panelwright_payment';
const panelName = 'panelwright_panel';
const retriesMax = 1;

/** Its code takes 30 MiB and 0.2 s, which panels without Stripe have better uses for. */
async function loadStripe(): Promise<typeof StripeClient> {
  return (await import('stripe')).default;
}
const toleranceSeconds = 300;

/**
 * Starts a session of Stripe Checkout over exactly this amount. The payment's number is, with the
 * panel's name, the idempotency key: asked twice, Stripe answers the same session.
 * @throws AppError `gateway_unavailable` when Stripe does not answer or refuses; its cause is what
 *   Stripe said, for the log. `invalid_input`, `conflict` when Stripe can't count the amount
 */
export async function createStripeSession(
  access: StripeAccess,
  checkout: Checkout,
): Promise<{ id: string; url: string }> {
  const { paymentId, panelId, amount, currency } = checkout;
  const Stripe = await loadStripe();
  const count = Stripe.Decimal.from(toMinorUnits(amount, currency));
  const metadata = { [metadataName]: String(paymentId), [panelName]: panelId };
  try {
    const session = await clientOf(Stripe, access).checkout.sessions.create(
      {
        mode: 'payment',
        line_items: [
          {
            quantity: 1,
            price_data: {
              currency: currency.toLowerCase(),
              unit_amount_decimal: count,
              product_data: { name: checkout.title },
            },
          },
        ],
        // Shown in another currency, it would be paid in another one than was started.
        adaptive_pricing: { enabled: false },
        client_reference_id: String(paymentId),
        metadata,
        payment_intent_data: { metadata },
        success_url: checkout.paidUrl,
        cancel_url: checkout.canceledUrl,
      },
      { idempotencyKey: `panelwright-${panelId}-payment-${paymentId}` },
    );
    const { id, url } = sessionForm.parse(session);
    return { id, url };
  } catch (cause) {
    throw new AppError('gateway_unavailable', 'the payment service could not start the payment', {
      cause: new Error(describeFailure(Stripe, cause)),
    });
  }
}

/**
 * Where a session of Stripe Checkout goes on; undefined for one that is paid, or over.
 * @throws AppError `gateway_unavailable` when Stripe does not answer or refuses
 */
export async function findStripeSession(
  access: StripeAccess,
  id: string,
): Promise<string | undefined> {
  const Stripe = await loadStripe();
  try {
    const session = await clientOf(Stripe, access).checkout.sessions.retrieve(id);
    const { status, url } = foundForm.parse(session);
    return status === 'open' ? (url ?? undefined) : undefined;
  } catch (cause) {
    throw unavailable(Stripe, cause);
  }
}

/**
 * Ends a session of Stripe Checkout, so that nobody can pay it any more.
 * @returns whether it is over unpaid; no for one that is paid
 * @throws AppError `gateway_unavailable` when Stripe does not answer or refuses
 */
export async function endStripeSession(access: StripeAccess, id: string): Promise<boolean> {
  const Stripe = await loadStripe();
  const { sessions } = clientOf(Stripe, access).checkout;
  try {
    const { status } = foundForm.parse(await sessions.retrieve(id));
    if (status === 'open') await sessions.expire(id);
    return status !== 'complete';
  } catch (cause) {
    throw unavailable(Stripe, cause);
  }
}

function unavailable(Stripe: typeof StripeClient, cause: unknown): AppError {
  return new AppError('gateway_unavailable', 'the payment service does not answer', {
    cause: new Error(describeFailure(Stripe, cause)),
  });
}

const foundForm = z.object({
  status: z.enum(['open', 'complete', 'expired']),
  url: z.url().nullish(),
});
const sessionForm = z.object({ id: z.string().min(1).max(255), url: z.url() });

function clientOf(
  Stripe: typeof StripeClient,
  { secretKey, timeoutMs, api }: StripeAccess,
): StripeClient {
  const isPlain = api?.protocol === 'http:';
  const address =
    api === undefined
      ? {}
      : {
          host: api.hostname,
          port: api.port || (isPlain ? 80 : 443),
          protocol: isPlain ? ('http' as const) : ('https' as const),
        };
  return new Stripe(secretKey, {
    ...address,
    timeout: timeoutMs,
    maxNetworkRetries: retriesMax,
    telemetry: false,
    // Its deadline is for the whole answer; that of Node's client begins anew with every byte.
    httpClient: Stripe.createFetchHttpClient((url: string | URL | Request, init?: RequestInit) =>
      fetch(url, { ...init, redirect: 'error' }),
    ),
  });
}

/** What Stripe's error says of itself; its message could hold part of a key, or what was sent. */
function describeFailure(Stripe: typeof StripeClient, error: unknown): string {
  if (error instanceof Stripe.errors.StripeError) {
    const parts = [error.type, error.code, error.statusCode, error.requestId];
    return parts.filter((part) => part !== undefined).join(' ');
  }
  return error instanceof Error ? error.name : 'unknown';
}

/**
 * Reads a webhook of Stripe's. `undefined`: an event that says nothing of a payment of ours, or is
 * about one of another panel's. Payments of older releases don't say whose they are.
 * @throws AppError `invalid_input` for a signature that is wrong or older than 5 minutes, and for
 *   an event that can't be read
 */
export async function readStripeEvent(
  input: { body: Uint8Array; signature: string; secret: string; panelId: string },
  at: Date,
): Promise<Report | undefined> {
  const event = await verifyEvent(input, at);
  if (!event.success) throw new AppError('invalid_input', 'this is no event of Stripe');
  return reportOf(event.data, input.panelId);
}

const eventForm = z.object({
  id: gatewayId,
  type: z.string(),
  created: gatewaySeconds,
  data: z.object({ object: z.unknown() }),
});
type StripeEvent = z.infer<typeof eventForm>;

async function verifyEvent(
  { body, signature, secret }: { body: Uint8Array; signature: string; secret: string },
  at: Date,
) {
  const Stripe = await loadStripe();
  try {
    const event: unknown = Stripe.webhooks.constructEvent(
      body,
      signature,
      secret,
      toleranceSeconds,
      undefined,
      at.getTime(),
    );
    if (!isPlainJson(event)) throw new Error('the event is not plain');
    return eventForm.safeParse(event);
  } catch (cause) {
    throw new AppError('invalid_input', 'the signature is not right', { cause });
  }
}

const reference = z.union([gatewayId, z.object({ id: gatewayId })]).nullish();
const metadata = z
  .object({ [metadataName]: z.string().optional(), [panelName]: z.string().optional() })
  .nullish();
const currency = z.string().regex(/^[a-z]{3}$/);

const sessionEvent = z.object({
  id: gatewayId,
  payment_status: z.string(),
  amount_total: z.int().min(0).nullable(),
  currency: currency.nullable(),
  payment_intent: reference,
  metadata,
});
const chargeEvent = z.object({
  amount_refunded: z.int().min(0),
  currency,
  payment_intent: reference,
  metadata,
});
const refundEvent = z.object({ payment_intent: reference, status: z.string().nullish() });
const disputeEvent = z.object({
  id: gatewayId,
  status: z.string(),
  amount: z.int().min(0),
  currency,
  payment_intent: reference,
});

function reportOf(event: StripeEvent, panelId: string): Report | undefined {
  const { type } = event;
  if (type.startsWith('checkout.session.')) return sessionReport(event, panelId);
  if (type === 'charge.refunded') return refundReport(event, panelId);
  if (type === 'refund.failed') return failedRefundReport(event);
  if (type.startsWith('charge.dispute.')) return disputeReport(event);
  return undefined;
}

function sessionReport(event: StripeEvent, panelId: string): Report | undefined {
  const session = readObject(sessionEvent, event);
  const paymentId = paymentIdOf(session.metadata);
  // Other sessions of the same account are none of ours.
  if (paymentId === null || isOfOtherPanel(session.metadata, panelId)) return undefined;
  const { id: externalId, amount_total: total, currency: coin } = session;
  const chargeId = idOf(session.payment_intent);
  const isNameless = isOfNoPanel(session.metadata);
  const known = { eventId: event.id, paymentId, sessionId: externalId, chargeId, isNameless };
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded': {
      if (session.payment_status !== 'paid') return { ...known, kind: 'processing', externalId };
      if (total === null || coin === null) return undefined;
      const paid = amountOf(total, coin);
      return { ...known, kind: 'paid', externalId, ...paid };
    }
    case 'checkout.session.async_payment_failed':
      return { ...known, kind: 'failed' };
    case 'checkout.session.expired':
      return { ...known, kind: 'expired' };
    default:
      return undefined;
  }
}

function refundReport(event: StripeEvent, panelId: string): Report | undefined {
  const charge = readObject(chargeEvent, event);
  if (isOfOtherPanel(charge.metadata, panelId) || isForeign(charge)) return undefined;
  const { amount } = amountOf(charge.amount_refunded, charge.currency);
  const known = { paymentId: paymentIdOf(charge.metadata), chargeId: idOf(charge.payment_intent) };
  if (known.paymentId === null && known.chargeId === null) return undefined;
  const isNameless = isOfNoPanel(charge.metadata);
  return { eventId: event.id, sessionId: null, ...known, isNameless, kind: 'refunded', amount };
}

function failedRefundReport(event: StripeEvent): Report | undefined {
  const chargeId = idOf(readObject(refundEvent, event).payment_intent);
  if (chargeId === null) return undefined;
  const known = { eventId: event.id, paymentId: null, sessionId: null, chargeId };
  return { ...known, kind: 'refund_failed' };
}

function disputeReport(event: StripeEvent): Report | undefined {
  const { id, status, payment_intent, ...disputed } = readObject(disputeEvent, event);
  const chargeId = idOf(payment_intent);
  if (chargeId === null || isForeign(disputed)) return undefined;
  const dispute = {
    id,
    state: disputeStates[status] ?? 'open',
    amount: amountOf(disputed.amount, disputed.currency).amount,
    reportedAt: new Date(event.created * 1_000),
  };
  const known = { eventId: event.id, paymentId: null, sessionId: null, chargeId };
  return { ...known, kind: 'dispute', dispute };
}

/** All other words mean that it is not decided. An inquiry that is closed took no money. */
const disputeStates: Readonly<Record<string, DisputeState>> = {
  won: 'won',
  warning_closed: 'won',
  prevented: 'won',
  lost: 'lost',
};

function readObject<T>(form: z.ZodType<T>, event: StripeEvent): T {
  const parsed = form.safeParse(event.data.object);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_input', `an event ${event.type} of Stripe that can't be read`);
}

function paymentIdOf(found: z.infer<typeof metadata>): PaymentId | null {
  const text = found?.[metadataName];
  const id = text === undefined ? undefined : parseId(text);
  return id === undefined ? null : (id as PaymentId); // the number we gave Stripe
}

function isOfOtherPanel(found: z.infer<typeof metadata>, panelId: string): boolean {
  const maker = found?.[panelName];
  return maker !== undefined && maker !== panelId;
}

/** As payments of releases that named no panel are; this panel's own, or another's. */
function isOfNoPanel(found: z.infer<typeof metadata>): boolean {
  return found?.[panelName] === undefined;
}

/** Whether it is in a currency of no panel. Refused, it would be sent again and again. */
function isForeign({ currency: coin }: { currency: string }): boolean {
  return !isCountable(coin.toUpperCase());
}

function idOf(found: z.infer<typeof reference>): string | null {
  if (found === null || found === undefined) return null;
  return typeof found === 'string' ? found : found.id;
}

function amountOf(count: number, coin: string): { amount: Amount; currency: string } {
  const name = coin.toUpperCase();
  return { amount: fromMinorUnits(BigInt(count), name), currency: name };
}
