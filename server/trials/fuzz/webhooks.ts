import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import type { PaymentMethodId } from '../../src/base/index.ts';
import { makeCustomer } from '../../tests/factories.ts';
import { type FakeStripe, startFakeStripe } from '../../tests/payments/fake-stripe.ts';
import {
  gatewaySecrets,
  makeMethod,
  start,
  stripeSecrets,
  withStripe,
} from '../../tests/payments/steps.ts';
import { openSignInPanel, type SignInPanel } from '../../tests/sign-in/visitor.ts';
import { openListener } from './panel.ts';
import { assertNoSecret } from './replies.ts';
import { createTarget, type Target } from './target.ts';
import { oddJson, oddText } from './texts.ts';

const batch = 128;
const paymentsPerKind = 100;
/** What every payment is started over, and gains at most when it is paid. */
const paid = 10;
const unitsPerOne = 100_000_000n;

type Kind = 'stripe' | 'gateway';
type Hook = {
  kind: Kind;
  event: unknown;
  /** Changes the bytes after they were signed. */
  isForged: boolean;
  /** Seconds off the panel's clock. */
  offSeconds: number;
  /** Sent instead of a signature. */
  signature: string | undefined;
  methodOff: number;
};

const paymentId = fc.integer({ min: 1, max: 2 * paymentsPerKind + 3 });
const eventIds = fc.oneof(
  { weight: 8, arbitrary: fc.nat(100_000).map((id) => `evt_${id}`) },
  { weight: 1, arbitrary: oddText },
);
const often = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 20, arbitrary }, { weight: 1, arbitrary: oddJson });
const amounts = fc.constantFrom(
  '10',
  '10.00',
  '9.99',
  '0',
  '1e3',
  '-10',
  '999999999999999',
  '92233720368.54775807',
  '10.000000001',
);
const cents = fc.constantFrom(1_000, 999, 0, -1, 1.5, 2 ** 53 - 1, 1e300);
const createds = fc.constantFrom(1_772_366_400, 0, -1, 100_000_000_000, 2 ** 53 - 1, 8.64e12 + 1);

const gatewayEvents = fc.record({
  id: often(eventIds),
  type: often(
    fc.constantFrom(
      ...['payment.succeeded', 'payment.processing', 'payment.failed', 'payment.expired'],
      ...[
        'payment.refunded',
        'dispute.opened',
        'dispute.won',
        'dispute.lost',
        'other',
        'payment.x',
      ],
    ),
  ),
  payment: often(paymentId.map(String)),
  transaction: often(
    fc.oneof(
      paymentId.map((id) => `transaction-${id}`),
      oddText,
    ),
  ),
  amount: often(amounts),
  currency: often(fc.constantFrom('USD', 'USD', 'USD', 'EUR', 'usd', 'XYZ', 'JPY')),
  dispute: often(paymentId.map((id) => `dispute-${id}`)),
  created: often(createds),
});

const reference = often(
  fc.oneof(
    paymentId.map((id) => `pi_${id}`),
    paymentId.map((id) => ({ id: `pi_${id}` })),
    fc.constant(null),
    oddText.map((id) => ({ id })),
  ),
);
const stripeObjects = fc.record({
  id: often(
    fc.oneof(
      paymentId.map((id) => `cs_test_${id}`),
      oddText,
    ),
  ),
  object: fc.constantFrom('checkout.session', 'charge', 'dispute', 'refund'),
  payment_status: often(fc.constantFrom('paid', 'unpaid', 'no_payment_required')),
  status: often(fc.constantFrom('won', 'lost', 'needs_response', 'warning_closed', 'failed')),
  amount_total: often(cents),
  amount_refunded: often(cents),
  amount: often(cents),
  currency: often(fc.constantFrom('usd', 'usd', 'usd', 'jpy', 'USD', 'xyz', 'bhd')),
  payment_intent: reference,
  metadata: often(
    fc.record(
      { panelwright_payment: paymentId.map(String), panelwright_panel: fc.constant('another') },
      { requiredKeys: ['panelwright_payment'] },
    ),
  ),
});
const stripeTypes = fc.constantFrom(
  ...['completed', 'async_payment_succeeded', 'async_payment_failed', 'expired', 'x'].map(
    (word) => `checkout.session.${word}`,
  ),
  ...['charge.refunded', 'refund.failed', 'charge.dispute.created', 'charge.dispute.closed', 'x'],
);
const stripeEvents = fc.record({
  id: often(eventIds),
  object: fc.constant('event'),
  type: often(stripeTypes),
  created: often(createds),
  data: often(stripeObjects.map((object) => ({ object }))),
});

function hooks(kind: Kind, events: fc.Arbitrary<unknown>): fc.Arbitrary<Hook> {
  const rarely = <T>(usual: T, arbitrary: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 20, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });
  return fc.record({
    kind: fc.constant(kind),
    event: often(events),
    isForged: rarely(false, fc.constant(true)),
    offSeconds: rarely(0, fc.constantFrom(-299, 299, 301, -301, 1e9)),
    signature: rarely<string | undefined>(undefined, oddText),
    methodOff: rarely(0, fc.constantFrom(1, 2, 99, 1e12)),
  });
}

/** Webhooks of payment gateways: hostile events, most of them rightly signed. */
export async function openWebhooks(): Promise<Target> {
  const panel = await openSignInPanel();
  const stripe = await startFakeStripe();
  const listener = openListener(panel);
  const methods = {
    stripe: await makeMethod(panel, { kind: 'stripe' }),
    gateway: await makeMethod(panel, { kind: 'webhook' }),
  };
  const payers = await startPayments(panel, stripe, methods);
  const secrets = [gatewaySecrets.secret, ...Object.values(stripeSecrets)];
  const answers = new Map<string, number>();

  async function send(hook: Hook): Promise<void> {
    const { kind, methodOff } = hook;
    const { body, headers } = sign(hook, panel.clock.now());
    const url = `http://127.0.0.1/webhooks/${kind}/${methods[kind] + methodOff}`;
    const request = new Request(url, { method: 'POST', headers, body: Buffer.from(body) });
    const response = await listener.pages.fetch(request, {});
    const text = await response.text();
    const failed = Object(panel.logged.findLast((entry) => /failed/.test(Object(entry).message)));
    const why = `${body} ${text} ${Object(failed.fields).error?.stack}`;
    assert(response.status === 200 || response.status === 400, `${response.status} ${why}`);
    if (mustBeRefused(hook)) assert.equal(response.status, 400, why);
    assert.equal(typeof JSON.parse(text), 'object');
    assertNoSecret(text, secrets);
    const count = `${kind} ${response.status}`;
    answers.set(count, (answers.get(count) ?? 0) + 1);
  }

  return createTarget({
    inputs: fc.oneof(hooks('gateway', gatewayEvents), hooks('stripe', stripeEvents)),
    batch,
    check: async (inputs) => {
      panel.logged.length = 0;
      await Promise.all(inputs.map(send));
      await assertCreditedOnce(panel);
    },
    finish: async () => {
      await panel.verify();
      return { answers: Object.fromEntries([...answers].sort()), payers };
    },
    close: async () => {
      listener.stop();
      await stripe.stop();
      await panel.close();
    },
  });
}

type Methods = Readonly<Record<Kind, PaymentMethodId>>;

async function startPayments(panel: SignInPanel, stripe: FakeStripe, methods: Methods) {
  const ctx = withStripe(panel, stripe.url);
  for (let at = 0; at < paymentsPerKind; at += 1) {
    for (const kind of ['stripe', 'gateway'] as const) {
      const { customerId } = await makeCustomer(panel, { funds: '0' });
      await start(ctx, { customerId, methodId: methods[kind], amount: String(paid) });
    }
  }
  return 2 * paymentsPerKind;
}

/** Stripe's own check takes what is signed for later. */
function mustBeRefused({ kind, isForged, offSeconds }: Hook): boolean {
  return isForged || offSeconds < -300 || (kind === 'gateway' && offSeconds > 300);
}

/** Nobody gains more than what their one payment was started over. */
async function assertCreditedOnce(panel: SignInPanel): Promise<void> {
  const [row] = await panel.owner.sql<{ most: bigint | null }[]>`
    select max(balance)::int8 as most from wallets`;
  const most = row?.most ?? 0n;
  assert(most <= BigInt(paid) * unitsPerOne, `a payment was credited as ${most}`);
}

function sign(hook: Hook, at: Date): { body: string; headers: Record<string, string> } {
  const seconds = Math.floor(at.getTime() / 1_000) + hook.offSeconds;
  const signed = JSON.stringify(hook.event) ?? 'null';
  const isStripe = hook.kind === 'stripe';
  const secret = isStripe ? stripeSecrets.webhookSecret : gatewaySecrets.secret;
  const hmac = createHmac('sha256', secret).update(`${seconds}.${signed}`).digest('hex');
  const name = isStripe ? 'stripe-signature' : 'panelwright-signature';
  const odd = hook.signature?.replaceAll(/[^\x20-\x7e\x80-\xff]/g, '').trim();
  const headers = { [name]: odd ?? `t=${seconds},v1=${hmac}` };
  return { body: hook.isForged ? `${signed} ` : signed, headers };
}
