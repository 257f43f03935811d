import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import {
  type Actor,
  AppError,
  type CustomerId,
  type ErrorCode,
  formatAmount,
  type PaymentId,
  type PaymentMethodId,
  parseAmount,
  type StaffArea,
  type StaffId,
} from '../../src/base/index.ts';
import {
  addMethod,
  createGateways,
  type MethodInput,
  type PaymentsCtx,
  readPayment,
  startPayment,
} from '../../src/payments/index.ts';
import { staff } from '../factories.ts';
import { type TestPanel, testSecret } from '../harness.ts';

export const stripeSecrets = {
  secretKey: 'sk_test_canary_9f31c2',
  webhookSecret: 'whsec_canary_77ab10',
};
export const gatewaySecrets = {
  secret: 'gateway-canary-5d2e88',
  payUrl: 'https://pay.example/start',
};
export const returnUrl = 'https://panel.example/funds';

/** A panel's context whose Stripe is at this address. */
export function withStripe(panel: TestPanel, stripeApi: string): PaymentsCtx {
  const gateways = createGateways({ secret: testSecret, stripeApi: new URL(stripeApi) });
  return { ...panel.app, gateways };
}

let counter = 0;

/** A method that is offered at once, from 1 to 1000, without fee and bonus unless given. */
export function makeMethod(
  panel: Pick<TestPanel, 'app'>,
  input: Partial<Omit<MethodInput, 'min' | 'max'>> & { min?: string; max?: string } = {},
): Promise<PaymentMethodId> {
  counter += 1;
  const { kind = 'webhook', min = '1', max = '1000', ...rest } = input;
  const secrets = { manual: {}, stripe: stripeSecrets, webhook: gatewaySecrets }[kind];
  return addMethod(panel.app, staff, {
    kind,
    name: `Method ${counter}`,
    instructions: kind === 'manual' ? 'Send {amount} with the number {payment}.' : '',
    enabled: true,
    min: parseAmount(min, 'min'),
    max: parseAmount(max, 'max'),
    secrets,
    ...rest,
  });
}

export const customerActor = (customerId: CustomerId): Actor => ({
  kind: 'customer',
  customerId,
  keyId: null,
});

/** A payment that a customer has started; its number. */
export async function start(
  ctx: PaymentsCtx,
  input: { customerId: CustomerId; methodId: PaymentMethodId; amount?: string },
): Promise<PaymentId> {
  const { customerId, methodId, amount = '10' } = input;
  const asked = { methodId, amount: parseAmount(amount, 'amount'), returnUrl };
  const { paymentId } = await startPayment(ctx, customerActor(customerId), asked);
  return paymentId;
}

/** A member of staff as sign-in makes one, with a day's limit or none. */
export async function makeStaff(
  panel: TestPanel,
  input: { areas: readonly StaffArea[]; dailyLimit?: string },
): Promise<Actor> {
  counter += 1;
  const name = `staff-${counter}`;
  const dailyLimit =
    input.dailyLimit === undefined ? null : parseAmount(input.dailyLimit, 'dailyLimit');
  const [row] = await panel.owner.sql<{ id: StaffId }[]>`
    insert into staff (name, areas, daily_limit, created_at)
    values (${name}, ${[...input.areas]}::text[], ${dailyLimit}, ${panel.clock.now()})
    returning id`;
  assert(row !== undefined);
  return { kind: 'staff', name, access: { staffId: row.id, areas: new Set(input.areas) } };
}

export async function balanceOf(panel: TestPanel, customerId: CustomerId): Promise<string> {
  const [row] = await panel.owner.sql<{ balance: bigint }[]>`
    select balance from wallets where customer_id = ${customerId}`;
  assert(row !== undefined);
  return formatAmount(row.balance as Parameters<typeof formatAmount>[0]);
}

/** The state of a payment, and its mark when it has one. */
export async function stateOf(panel: TestPanel, paymentId: PaymentId): Promise<string> {
  const { state, flag } = await readPayment(panel.app.db, paymentId);
  return flag === null ? state : `${state}, ${flag}`;
}

/** Fails unless the work is refused with this code; answers the refusal. */
export async function refusal(work: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  try {
    await work;
  } catch (error) {
    assert(error instanceof AppError, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail(`it was done, not refused as ${code}`);
}

/** Sends a webhook of Stripe's, signed by its own library, and answers the status. */
export async function sendStripe(
  panel: TestPanel,
  methodId: PaymentMethodId,
  event: object,
): Promise<number> {
  const payload = JSON.stringify(event);
  const signature = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret: stripeSecrets.webhookSecret,
    timestamp: panel.clock.now().getTime() / 1_000,
  });
  return post(`${panel.url}/webhooks/stripe/${methodId}`, payload, {
    'stripe-signature': signature,
  });
}

/** Sends a webhook of a gateway, signed as the operator's guide has it; answers the status. */
export async function sendGateway(
  panel: TestPanel,
  methodId: PaymentMethodId,
  event: object,
): Promise<number> {
  const body = JSON.stringify(event);
  const seconds = Math.floor(panel.clock.now().getTime() / 1_000);
  const signature = createHmac('sha256', gatewaySecrets.secret)
    .update(`${seconds}.${body}`)
    .digest('hex');
  return post(`${panel.url}/webhooks/gateway/${methodId}`, body, {
    'panelwright-signature': `t=${seconds},v1=${signature}`,
  });
}

/** Posts a body and answers the status. */
export async function post(
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const response = await fetch(url, { method: 'POST', body, headers });
  await response.arrayBuffer();
  return response.status;
}

let events = 0;

/** An event of a gateway that a payment was made. */
export function succeeded(paymentId: PaymentId, fields: object = {}): object {
  events += 1;
  return {
    id: `event-${events}`,
    type: 'payment.succeeded',
    payment: String(paymentId),
    transaction: `transaction-${paymentId}`,
    amount: '10.00',
    currency: 'USD',
    ...fields,
  };
}

type StripeSession = StripeCharge & {
  status?: string;
  total?: number;
  currency?: string;
  sessionId?: string;
};
/** `panelId`: of the panel that began it, as releases before wrote none. */
type StripeCharge = { paymentId: PaymentId; panelId?: string; chargeId?: string };

const metadataOf = ({ paymentId, panelId }: StripeCharge) => ({
  panelwright_payment: String(paymentId),
  ...(panelId === undefined ? {} : { panelwright_panel: panelId }),
});

/** An event of Stripe's about the session of a payment. */
export function sessionEvent(type: string, session: StripeSession): object {
  const { paymentId, status = 'paid', total = 1_000, currency = 'usd' } = session;
  const { sessionId = `cs_test_${paymentId}`, chargeId = `pi_${paymentId}` } = session;
  return stripeEvent(`checkout.session.${type}`, {
    id: sessionId,
    object: 'checkout.session',
    payment_status: status,
    amount_total: total,
    currency,
    payment_intent: chargeId,
    metadata: metadataOf(session),
  });
}

/** An event of Stripe's that so much of a payment, in cents, was given back in all. */
export function refundEvent(
  paymentId: PaymentId,
  total: number,
  charge: Omit<StripeCharge, 'paymentId'> = {},
): object {
  return stripeEvent('charge.refunded', {
    id: `ch_${paymentId}`,
    object: 'charge',
    amount_refunded: total,
    currency: 'usd',
    payment_intent: charge.chargeId ?? `pi_${paymentId}`,
    metadata: metadataOf({ paymentId, ...charge }),
  });
}

type StripeDispute = { paymentId: PaymentId; status: string; created: number; amount?: number };

/** An event of Stripe's about a dispute; `created` is its own time in seconds. */
export function disputeEvent(type: string, dispute: StripeDispute): object {
  const { paymentId, status, created, amount = 1_000 } = dispute;
  const object = {
    id: `dp_${paymentId}`,
    object: 'dispute',
    amount,
    currency: 'usd',
    payment_intent: `pi_${paymentId}`,
    status,
  };
  return { ...stripeEvent(`charge.dispute.${type}`, object), created };
}

/** An event of Stripe's. */
export function stripeEvent(type: string, object: object): object {
  events += 1;
  return { id: `evt_${events}`, object: 'event', type, created: 1_772_366_400, data: { object } };
}
