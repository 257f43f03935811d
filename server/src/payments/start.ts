import { sql } from 'kysely';
import {
  type Actor,
  type Amount,
  AppError,
  type CustomerId,
  type PaymentId,
  type PaymentMethodId,
  reach,
} from '../base/index.ts';
import { inTransaction, rowLock, type Tx } from '../db/index.ts';
import { lockWallets, requireMoving } from '../ledger/index.ts';
import { signPayUrl } from './gateway.ts';
import type { Gateways, PaymentsCtx } from './gateways.ts';
import { fillInstructions, type Method, readMethod } from './method.ts';
import { toMinorUnits } from './minor-units.ts';
import { readPanelId } from './panel.ts';
import { lockPayment, type Payment, type PaymentKey } from './payment.ts';
import { priceOrRefuse, readOffered } from './quote.ts';
import type { Pricing } from './rules.ts';
import { writeChange, writeEvent } from './write.ts';

/** What the customer does next: goes to an address, or reads how to pay. */
export type NextStep = { kind: 'redirect'; url: string } | { kind: 'instructions'; text: string };
export type StartedPayment = Pricing & { paymentId: PaymentId; next: NextStep };

/** Unpaid payments a customer may have at a time: nobody fills the table for nothing. */
const unpaidMax = 20;
const returnUrlMax = 1_000;

/**
 * Starts a payment: what it will bring is fixed now, by the method's terms. `returnUrl` is the page
 * the gateway sends the payer back to, an address of this panel that the server makes itself and
 * takes from nobody; the payment's number is added to it. If the gateway does not answer, the
 * payment has failed.
 * @throws AppError `not_allowed` for anybody but a customer, `customer_suspended`, `not_found` for
 *   a method that is not offered, `invalid_input` with `min`, `max` or `amount` as its detail,
 *   `conflict` with too many unpaid payments, `gateway_unavailable`
 */
export async function startPayment(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { methodId: PaymentMethodId; amount: Amount; returnUrl: string },
): Promise<StartedPayment> {
  const customerId = requireCustomer(actor);
  const method = await readOffered(ctx.db, input.methodId);
  const pricing = priceOrRefuse(input.amount, method);
  const returnTo = parseReturnUrl(input.returnUrl);
  // Secrets that don't open are found before there is a payment.
  const secrets = ctx.gateways.open(method);
  const at = ctx.clock.now();
  const started = await inTransaction(ctx.db, (tx) =>
    insertPayment(tx, { customerId, method, pricing }, { actor, at }),
  );
  const { paymentId } = started;
  const next = await nextStep(ctx, actor, { ...started, ...pricing, method, secrets, returnTo });
  return { ...pricing, paymentId, next };
}

/**
 * The customer says that a payment by hand is made: it waits for staff from now on. Said twice, it
 * is still said once.
 * @throws AppError `not_allowed` for anybody but the customer, `not_found`, `conflict` when it is
 *   not a payment by hand, or is not unpaid any more
 */
export async function reportPaid(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { paymentId: PaymentId; note?: string },
): Promise<void> {
  const customerId = requireCustomer(actor);
  const note = cleanNote(input.note ?? '');
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const before = await lockPayment(tx, { customerId, paymentId: input.paymentId });
    const { kind } = await readMethod(tx, before.methodId);
    if (kind !== 'manual') {
      throw new AppError('conflict', 'the gateway itself reports when this payment is made');
    }
    if (before.state === 'waiting') return;
    if (before.state !== 'started' && before.state !== 'expired') {
      throw new AppError('conflict', `the payment is ${before.state}`);
    }
    const after: Payment = { ...before, state: 'waiting', note };
    await writeChange(tx, { before, after }, { actor, kind: 'reported', at, note });
  });
}

const noteMax = 500;

/** A note on one line of at most 500 letters. @throws AppError `invalid_input` */
export function cleanNote(text: string): string {
  const note = text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
  if (note.length > noteMax) {
    throw new AppError('invalid_input', `a note has at most ${noteMax} letters`);
  }
  return note;
}

/** The customer who acts. @throws AppError `not_allowed` for anybody else */
export function requireCustomer(actor: Actor): CustomerId {
  if (actor.kind === 'customer') return actor.customerId;
  throw new AppError('not_allowed', 'only a customer pays');
}

type Started = PaymentKey & { currency: string; panel: string; language: 'en' | 'zh-CN' };

async function insertPayment(
  tx: Tx,
  input: { customerId: CustomerId; method: Method; pricing: Pricing },
  { actor, at }: { actor: Actor; at: Date },
): Promise<Started> {
  const { customerId, method, pricing } = input;
  const { language } = await requirePayer(tx, customerId);
  const { currency, name: panel } = await tx
    .selectFrom('settings')
    .select(['currency', 'name'])
    .executeTakeFirstOrThrow();
  if (method.kind === 'stripe') toMinorUnits(pricing.amount, currency);
  const ids = await sql<{ id: PaymentId }>`select nextval('payment_ids') as id`.execute(tx);
  const id = ids.rows[0]?.id;
  if (id === undefined) throw new Error('a sequence answers');
  const row = { customer_id: customerId, id, method_id: method.id, ...pricing, currency };
  await tx
    .insertInto('payments')
    .values({ ...row, state: 'started', created_at: at, updated_at: at })
    .execute();
  const after = await lockPayment(tx, { customerId, paymentId: id });
  await writeEvent(tx, { before: null, after }, { actor, kind: 'started', at });
  return { customerId, paymentId: id, currency, panel, language };
}

/** The customer's row is the lock under which their unpaid payments are counted. */
async function requirePayer(tx: Tx, customerId: CustomerId) {
  const customer = await tx
    .selectFrom('customers')
    .select(['status', 'language'])
    .where('id', '=', customerId)
    .modifyEnd(await rowLock(tx, ['customers', customerId]))
    .executeTakeFirst();
  if (customer === undefined) throw new AppError('not_found', `no customer ${customerId}`);
  if (customer.status === 'suspended') {
    throw new AppError('customer_suspended', 'the customer is suspended');
  }
  const wallet = (await lockWallets(tx, [customerId])).get(customerId);
  if (wallet !== undefined) requireMoving(wallet);
  const unpaid = await tx
    .selectFrom('payments')
    .select('id')
    .where('customer_id', '=', customerId)
    .where('state', 'in', ['started', 'waiting'])
    .limit(unpaidMax)
    .execute();
  if (unpaid.length >= unpaidMax) {
    throw new AppError('conflict', `${unpaidMax} payments are not paid yet`, {
      detail: 'unpaid',
    });
  }
  return customer;
}

type Stepping = Started &
  Pricing & {
    method: Method;
    secrets: ReturnType<Gateways['open']>;
    returnTo: URL;
  };

/**
 * Where a payment that is not paid goes on.
 * @throws AppError `gateway_unavailable`; the payment has failed then
 */
export async function nextStep(ctx: PaymentsCtx, actor: Actor, step: Stepping): Promise<NextStep> {
  const { method, secrets, paymentId, amount, currency } = step;
  if (method.kind === 'manual') {
    const { language } = step;
    const text = fillInstructions(method, { id: paymentId, amount, currency, language });
    return { kind: 'instructions', text };
  }
  if (method.kind === 'webhook') {
    const { payUrl = '', secret = '' } = secrets;
    const returnUrl = withParameters(step.returnTo, { payment: String(paymentId) });
    const request = { paymentId, amount, currency, returnUrl };
    return { kind: 'redirect', url: signPayUrl({ payUrl, secret }, request, ctx.clock.now()) };
  }
  return { kind: 'redirect', url: await openCheckout(ctx, actor, step) };
}

/** No transaction is open while Stripe thinks. */
async function openCheckout(ctx: PaymentsCtx, actor: Actor, step: Stepping): Promise<string> {
  const { paymentId, customerId, amount, currency, panel } = step;
  const about = { payment: String(paymentId) };
  const key = { customerId, paymentId };
  const panelId = await readPanelId(ctx.db);
  try {
    const session = await ctx.gateways.createCheckout(step.secrets.secretKey ?? '', {
      paymentId,
      panelId,
      amount,
      currency,
      title: `${panel} #${paymentId}`,
      paidUrl: withParameters(step.returnTo, { ...about, result: 'paid' }),
      canceledUrl: withParameters(step.returnTo, { ...about, result: 'canceled' }),
    });
    await reach('payment.after_session');
    await change(ctx, actor, { key, kind: 'session', changes: { externalId: session.id } });
    return session.url;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const note = error.cause instanceof Error ? error.cause.message : error.message;
    ctx.log.warn({ paymentId: String(paymentId), cause: note }, 'a payment could not be started');
    await change(ctx, actor, { key, kind: 'not_started', note, changes: { state: 'failed' } });
    throw error;
  }
}

type Changing = {
  key: PaymentKey;
  kind: string;
  note?: string;
  changes: Pick<Partial<Payment>, 'state' | 'externalId'>;
};

/** A webhook can be faster than the answer it follows: what it has written stays. */
async function change(ctx: PaymentsCtx, actor: Actor, input: Changing): Promise<void> {
  const at = ctx.clock.now();
  const { key, kind, note = '', changes } = input;
  await inTransaction(ctx.db, async (tx) => {
    const before = await lockPayment(tx, key);
    if (before.state !== 'started' || before.externalId !== null) return;
    const after = { ...before, ...changes };
    await writeChange(tx, { before, after }, { actor, kind, at, note });
  });
}

/** A page that a gateway can lead back to. @throws AppError `invalid_input` */
export function parseReturnUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isPage = url !== undefined && /^https?:$/.test(url.protocol);
  if (isPage && address.length <= returnUrlMax) return url;
  throw new AppError('invalid_input', 'the page to return to is an http or https address');
}

function withParameters(page: URL, parameters: Record<string, string>): string {
  const url = new URL(page);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
