import {
  AppError,
  type CustomerId,
  fakeClock,
  type OrderId,
  type PaymentId,
  type PaymentMethodId,
  parseAmount,
} from '../../src/base/index.ts';
import { decideDelivery } from '../../src/fulfilment/index.ts';
import {
  addFunds,
  adjustBalance,
  confirmPayment,
  createGateways,
  startPayment,
} from '../../src/payments/index.ts';
import { applyRetention } from '../../src/retention/index.ts';
import type { App } from '../../src/runtime/index.ts';
import { staff } from '../../tests/factories.ts';
import { testSecret } from '../../tests/harness.ts';

/** One command of staff, or of a customer who pays, that a killed process is given again. */
export type StaffCommand =
  | { kind: 'deposit' | 'adjust'; customerId: CustomerId; reference: string }
  /** Refunds an order that waits for a decision. */
  | { kind: 'decide'; order: string }
  /** Confirms a payment that a customer has claimed. */
  | { kind: 'confirm'; payment: string }
  /** Starts a payment at Stripe. */
  | { kind: 'pay'; customerId: CustomerId; methodId: PaymentMethodId; stripeApi: string }
  /** Drops what is due of history at a moment. */
  | { kind: 'retain'; databaseUrl: string; dir: string; at: string };

/** What every command of money moves. */
export const commandAmount = parseAmount('1.5', 'amount');

/** Carries out a command; that it is done already counts as done. */
export async function carryOut(app: App, command: StaffCommand): Promise<void> {
  try {
    await run(app, command);
  } catch (error) {
    if (!(error instanceof AppError) || !doneAlready.has(error.code)) throw error;
  }
}

const doneAlready: ReadonlySet<string> = new Set(['conflict', 'not_found']);

async function run(app: App, command: StaffCommand): Promise<void> {
  const money = { amount: commandAmount };
  switch (command.kind) {
    case 'deposit': {
      const { customerId, reference } = command;
      await addFunds(app, staff, { ...money, customerId, reference });
      return;
    }
    case 'adjust': {
      const { customerId, reference } = command;
      await adjustBalance(app, staff, { ...money, customerId, reference, reason: 'crash' });
      return;
    }
    case 'decide': {
      const orderId = BigInt(command.order) as OrderId; // from the order that waits
      await decideDelivery(app, staff, { orderId, decision: { kind: 'refund' } });
      return;
    }
    case 'confirm': {
      const paymentId = BigInt(command.payment) as PaymentId; // from the payment that was started
      await confirmPayment(app, staff, { paymentId });
      return;
    }
    case 'pay': {
      const { customerId, methodId, stripeApi } = command;
      const gateways = createGateways({ secret: testSecret, stripeApi: new URL(stripeApi) });
      const actor = { kind: 'customer' as const, customerId, keyId: null };
      const asked = { ...money, methodId, returnUrl: 'https://panel.example/funds' };
      await startPayment({ ...app, gateways }, actor, asked);
      return;
    }
    case 'retain': {
      const { databaseUrl: url, dir, at } = command;
      const clock = fakeClock(new Date(at));
      await applyRetention({ clock, log: app.log }, staff, { target: { url }, dir });
    }
  }
}
