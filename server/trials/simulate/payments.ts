import { type Actor, amount, type PaymentId, parseAmount } from '../../src/base/index.ts';
import {
  addMethod,
  applyReport,
  clearFlag,
  confirmPayment,
  type Report,
  rejectPayment,
  reportPaid,
  startPayment,
  waiveOwed,
} from '../../src/payments/index.ts';
import { must } from './model.ts';
import { isWithin, type Operation, pick, scale } from './operations.ts';
import { type Customer, type Payment, staff, type World } from './world.ts';

const gateway: Actor = { kind: 'system', name: 'gateway' };
const secrets = { secret: 'gateway-canary-5d2e88', payUrl: 'https://pay.example/start' };
const terms = { fee: 250n, bonusFrom: parseAmount('20', 'bonus'), bonus: 500n };

/** Adds a way to pay by a gateway and one by hand, with a fee of 2.5% and a bonus of 5%. */
export async function openMethods({ app, model }: World): Promise<void> {
  for (const kind of ['webhook', 'manual'] as const) {
    const id = await addMethod(app, staff, {
      ...{ kind, name: kind, enabled: true, feeBasisPoints: Number(terms.fee) },
      ...(kind === 'webhook' ? { secrets } : { instructions: 'Send {amount} for {payment}.' }),
      min: parseAmount('1', 'min'),
      max: parseAmount('1000', 'max'),
      bonusTiers: [{ from: terms.bonusFrom, basisPoints: Number(terms.bonus) }],
    });
    model.methods.push(id);
  }
}

/** What a wallet gains for a payment, by sums of the world's own. */
function creditOf(paid: bigint): bigint {
  const fee = (paid * terms.fee + 9_999n) / 10_000n;
  return paid - fee + (paid >= terms.bonusFrom ? (paid * terms.bonus) / 10_000n : 0n);
}

/** A customer starts a payment, or says that one by hand is made. */
export async function startPaying(world: World, operation: Operation): Promise<string> {
  const { app, model } = world;
  const customer = pick(model.customers, operation.a);
  const methodId = pick(model.methods, operation.b);
  if (customer === undefined || methodId === undefined) return 'nobody';
  const actor: Actor = { kind: 'customer', customerId: customer.id, keyId: null };
  const known = pick(model.payments, operation.c);
  if (known?.customer === customer && isWithin(operation.d, 40)) {
    await reportPaid(app, actor, { paymentId: known.id });
    return 'said to be paid';
  }
  const asked = amount(100_000_000n + BigInt(scale(operation.c, 40)) * 99_999_999n);
  const returnUrl = 'https://panel.example/funds';
  const { paymentId } = await startPayment(app, actor, { methodId, amount: asked, returnUrl });
  model.payments.push({ id: paymentId, customer, methodId, amount: asked });
  return String(asked);
}

/** A gateway reports, maybe again, late, in the wrong order, or what is not so. */
export async function report(world: World, operation: Operation): Promise<string> {
  const { app, model } = world;
  const payment = pick(model.payments.slice(-newest), operation.a);
  if (payment === undefined) return 'nothing';
  const said = reportOf(payment, operation, app.clock.now());
  const { methodId } = payment;
  const outcome = await applyReport(app, gateway, { methodId, report: said });
  await learnCustomer(world, payment.customer);
  return `${said.kind} ${outcome}`;
}

const newest = 12;

function reportOf(payment: Payment, operation: Operation, now: Date): Report {
  const { id, amount: paid } = payment;
  // Events repeat: there are few of them for each payment.
  const number = scale(operation.c, 4);
  const eventId = `event-${id}-${number}`;
  const named = { eventId, paymentId: id, sessionId: null, chargeId: `charge-${id}` };
  const part = amount((paid * BigInt(number + 1)) / 4n);
  switch (scale(operation.b, 12)) {
    case 0:
      return { ...named, kind: 'processing', externalId: `t-${id}` };
    case 1:
      return { ...named, kind: 'failed' };
    case 2:
      return { ...named, kind: 'expired' };
    case 3:
      return { ...named, kind: 'refunded', amount: part };
    case 4:
      return { ...named, kind: 'refund_failed' };
    case 5:
    case 6: {
      const state = pick(['open', 'won', 'lost'] as const, operation.d) ?? 'open';
      const dispute = { id: `d-${id}-${number % 2}`, state, amount: part, reportedAt: now };
      return { ...named, kind: 'dispute', dispute };
    }
    default: {
      const isRight = isWithin(operation.d, 85);
      const externalId = isWithin(operation.d, 95) ? `t-${id}` : `t-${id}-again`;
      const told = isRight ? paid : part;
      return { ...named, kind: 'paid', externalId, amount: told, currency: 'USD' };
    }
  }
}

/** Staff decide a payment. */
export async function decidePayment(world: World, operation: Operation): Promise<string> {
  const { app, model } = world;
  const payment = pick(model.payments.slice(-newest), operation.a);
  if (payment === undefined) return 'nothing';
  const paymentId = payment.id;
  const note = 'looked into';
  switch (scale(operation.b, 6)) {
    case 0:
      return `rejected ${await rejectPayment(app, staff, { paymentId, note })}`;
    case 1:
      return `cleared ${await clearFlag(app, staff, { paymentId, note })}`;
    case 2:
      return `waived ${await waiveOwed(app, staff, { paymentId, note })}`;
    default: {
      const came = amount((payment.amount * BigInt(1 + scale(operation.c, 6))) / 4n);
      const given = isWithin(operation.d, 30) ? { amount: came } : {};
      const isNew = await confirmPayment(app, staff, { paymentId, ...given });
      if (isNew && 'amount' in given) payment.amount = came;
      return `confirmed ${isNew}`;
    }
  }
}

/** A dispute suspends its customer, and lets them in again when it is won. */
async function learnCustomer({ owner }: World, customer: Customer): Promise<void> {
  const [row] = await owner.sql<{ suspended: boolean }[]>`
    select status = 'suspended' as suspended from customers where id = ${customer.id}`;
  customer.isSuspended = row?.suspended === true;
}

type StoredPayment = {
  id: PaymentId;
  customerId: number;
  amount: bigint;
  credit: bigint;
  taken: bigint;
  isCredited: boolean;
};

/** What payments have brought to each customer's wallet, and what was taken back of them. */
export async function sumPayments(world: World): Promise<Map<number, bigint>> {
  const rows = await world.owner.sql<StoredPayment[]>`
    select id, customer_id as "customerId", amount, credit, taken,
      credited_at is not null as "isCredited" from payments`;
  const sums = new Map<number, bigint>();
  for (const row of rows) {
    const right = creditOf(row.amount);
    must(
      row.credit === right,
      'I5',
      () => `payment ${row.id} is worth ${row.credit}, not ${right}`,
    );
    const moved = (row.isCredited ? row.credit : 0n) - row.taken;
    sums.set(row.customerId, (sums.get(row.customerId) ?? 0n) + moved);
  }
  return sums;
}
