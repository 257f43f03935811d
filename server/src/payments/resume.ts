import { type Actor, AppError, type CustomerId, type PaymentId } from '../base/index.ts';
import { type Db, inTransaction } from '../db/index.ts';
import type { PaymentsCtx } from './gateways.ts';
import { type Method, readMethod } from './method.ts';
import { lockPayment, type PaymentKey } from './payment.ts';
import { readOwnPayment } from './queries.ts';
import type { PaymentState } from './report.ts';
import { type NextStep, nextStep, parseReturnUrl, requireCustomer } from './start.ts';
import { writeChange } from './write.ts';

/**
 * Leads a customer who left the payment service back to it, and to the same payment: nothing new is
 * started there, so it can't be paid twice. One by hand goes on as its instructions say.
 * @throws AppError `not_allowed` for anybody but the customer, `not_found`, `customer_suspended`,
 *   `conflict` when it is not unpaid any more, with `over` as its detail when that is so at the
 *   payment service alone, and with `currency` for one of before the panel's currency changed:
 *   what is paid of it would be credited to nobody; `gateway_unavailable`
 */
export async function resumePayment(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { paymentId: PaymentId; returnUrl: string },
): Promise<NextStep> {
  const key = { customerId: requireCustomer(actor), paymentId: input.paymentId };
  const { panel, language, balances } = await readPayer(ctx.db, key.customerId);
  const { payment, method } = await readUnpaid(ctx.db, key);
  if (payment.currency !== balances) {
    throw new AppError('conflict', `balances are in ${balances} now`, { detail: 'currency' });
  }
  const secrets = ctx.gateways.open(method);
  if (method.kind === 'stripe' && payment.externalId !== null) {
    const url = await ctx.gateways.findCheckout(secrets.secretKey ?? '', payment.externalId);
    if (url !== undefined) return { kind: 'redirect', url };
    throw new AppError('conflict', 'it is over at the payment service', { detail: 'over' });
  }
  const { amount, fee, bonus, credit, currency } = payment;
  const returnTo = parseReturnUrl(input.returnUrl);
  const step = { ...key, amount, fee, bonus, credit, currency, panel, language };
  return nextStep(ctx, actor, { ...step, method, secrets, returnTo });
}

/**
 * Ends a payment that its customer does not want to make any more, at Stripe too. One that is paid
 * all the same is credited all the same.
 * @throws AppError `not_allowed` for anybody but the customer, `not_found`, `conflict` when it is
 *   not unpaid any more, with `paid` as its detail when only the payment service knows that yet;
 *   `gateway_unavailable`
 */
export async function dismissPayment(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { paymentId: PaymentId },
): Promise<void> {
  const key = { customerId: requireCustomer(actor), paymentId: input.paymentId };
  const { payment, method } = await readUnpaid(ctx.db, key);
  if (method.kind === 'stripe' && payment.externalId !== null) {
    const { secretKey = '' } = ctx.gateways.open(method);
    const isUnpaid = await ctx.gateways.endCheckout(secretKey, payment.externalId);
    if (!isUnpaid) throw new AppError('conflict', 'it is paid', { detail: 'paid' });
  }
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const before = await lockPayment(tx, key);
    // Stripe's own word that its session is over can come first.
    if (before.state === 'expired') return;
    requireStarted(before.state);
    const after = { ...before, state: 'expired' as const };
    await writeChange(tx, { before, after }, { actor, kind: 'dismissed', at });
  });
}

async function readUnpaid(db: Db, key: PaymentKey) {
  const payment = await readOwnPayment(db, key);
  requireStarted(payment.state);
  const method: Method = await readMethod(db, payment.methodId);
  return { payment, method };
}

function requireStarted(state: PaymentState): void {
  if (state !== 'started') throw new AppError('conflict', `the payment is ${state}`);
}

async function readPayer(db: Db, customerId: CustomerId) {
  const { status, ...payer } = await db
    .selectFrom(['customers', 'settings'])
    .select(['customers.status', 'customers.language', 'settings.name as panel'])
    .select('settings.currency as balances')
    .where('customers.id', '=', customerId)
    .executeTakeFirstOrThrow();
  if (status !== 'suspended') return payer;
  throw new AppError('customer_suspended', 'the customer is suspended');
}
