import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { PaymentId } from '../../src/base/index.ts';
import { dismissPayment } from '../../src/payments/index.ts';
import { type FakeStripe, startFakeStripe } from '../payments/fake-stripe.ts';
import { customerActor, makeMethod, sendStripe, sessionEvent, start } from '../payments/steps.ts';
import { makeWebCustomer } from '../web/customers.ts';
import { openMember } from '../web/members.ts';
import { skip } from './chromium.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let stripe: FakeStripe;
let methodId: Awaited<ReturnType<typeof makeMethod>>;
before(async () => {
  if (skip) return;
  stripe = await startFakeStripe();
  stage = await openStage({ stripeApi: new URL(stripe.url) });
  await makeMethod(stage.panel, { kind: 'manual', name: 'Bank transfer' });
  methodId = await makeMethod(stage.panel, { kind: 'stripe', name: 'Card' });
});
after(async () => {
  if (skip) return;
  await stage.panel.verify();
  await stage.close();
  await stripe.stop();
});

/** The payment service is another place, and one without a picture for its tab. */
const expects = [/^request: http:\/\/127\.0\.0\.1:\d+\/(pay\/|favicon)/];

/** Begins a payment by card, as far as the page of Stripe; answers its number. */
async function begin(page: Page, amount: string): Promise<PaymentId> {
  await page.getByRole('radio', { name: /Card/ }).check();
  await page.getByRole('textbox', { name: /^Amount to pay/ }).fill(amount);
  await page.getByRole('button', { name: 'Go to payment' }).click();
  await page.getByRole('heading', { name: 'Pay here' }).waitFor();
  const [, number = ''] = /cs_test_(\d+)$/.exec(page.url()) ?? [];
  return BigInt(number) as PaymentId;
}

/** Where Stripe leads its payer back to. */
function backTo(result: 'success_url' | 'cancel_url'): string {
  const asked = stripe.requests.findLast(({ fields }) => fields.has(result));
  return asked?.fields.get(result) ?? assert.fail('no session was begun');
}

test('who pays by card comes back, and sees the balance credited without asking', {
  skip,
}, async () => {
  const { visitor } = await makeWebCustomer(stage.panel, '0');
  await stage.visit({ as: visitor, path: '/funds', expects }, async (page) => {
    const paymentId = await begin(page, '60');
    await page.goto(backTo('success_url'));
    await page.getByText('We wait for the confirmation of the payment service').waitFor();
    await page.getByRole('link', { name: 'Balance: 0.00 USD' }).waitFor();
    const paid = sessionEvent('completed', { paymentId, total: 6_000 });
    assert.equal(await sendStripe(stage.panel, methodId, paid), 200);
    // Nobody reloads: the panel says that it came.
    await page.getByText('60.00 USD were added to your balance').waitFor();
    await page.getByRole('link', { name: 'Balance: 60.00 USD' }).waitFor();
    assert.equal(await sendStripe(stage.panel, methodId, paid), 200);
    assert.equal(await page.getByRole('button', { name: 'Continue payment' }).count(), 0);
  });
});

test('a payment that was left goes on in the same place, or is dismissed for good', {
  skip,
}, async () => {
  const { visitor } = await makeWebCustomer(stage.panel, '0');
  await stage.visit({ as: visitor, path: '/funds', expects }, async (page) => {
    const paymentId = await begin(page, '25');
    const paying = page.url();
    const begun = stripe.requests.filter(({ fields }) => fields.has('cancel_url')).length;
    await page.goto('/funds');
    await page.getByRole('button', { name: `Continue payment: Payment ${paymentId}` }).click();
    await page.getByRole('heading', { name: 'Pay here' }).waitFor();
    assert.equal(page.url(), paying);

    await page.goto(backTo('cancel_url'));
    await page.getByText('You came back without paying').waitFor();
    await page.getByRole('button', { name: 'Continue payment', exact: true }).click();
    await page.getByRole('heading', { name: 'Pay here' }).waitFor();
    assert.equal(page.url(), paying);
    const asked = stripe.requests.filter(({ fields }) => fields.has('cancel_url')).length;
    assert.equal(asked, begun, 'no other session is begun');

    await page.goto(backTo('cancel_url'));
    await page.getByRole('button', { name: 'Dismiss' }).click();
    const question = page.getByRole('dialog', { name: `Dismiss payment ${paymentId}?` });
    await question.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByText('This payment was ended without being made').waitFor();
    await page.getByRole('button', { name: 'Pay again' }).waitFor();
    assert(stripe.requests.some(({ path }) => path.endsWith(`_${paymentId}/expire`)));
  });
});

test('a payment that was dismissed is not said to have expired, in either language', {
  skip,
}, async () => {
  const { app } = stage.panel;
  const { visitor, customerId } = await makeWebCustomer(stage.panel, '0');
  const byHand = await makeMethod(stage.panel, { kind: 'manual', name: 'By post' });
  const paymentId = await start(app, { customerId, methodId: byHand });
  await dismissPayment(app, customerActor(customerId), { paymentId });
  const member = await openMember(stage.panel);
  for (const [language, said, dismissed, expired] of [
    ['en', 'Ended unpaid', 'Unpaid: dismissed', /expired|timed out/i],
    ['zh-CN', '已关闭', '已关闭：客户放弃', /过期|超时/],
  ] as const) {
    for (const [as, path, ended] of [
      [visitor, '/funds?view=payments', said],
      [visitor, `/funds?payment=${paymentId}`, said],
      [member.visitor, `/admin/payments?payment=${paymentId}`, dismissed],
    ] as const) {
      await stage.visit({ as, path, language }, async (page) => {
        await page.getByText(ended).first().waitFor();
        assert.equal(await page.getByText(expired).count(), 0, path);
      });
    }
  }
});
