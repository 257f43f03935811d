import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs, type OrderId, parseAmount, type RefillId } from '../../src/base/index.ts';
import { cancelParent } from '../../src/cancels/index.ts';
import { type Profile, updateProfile } from '../../src/customers/index.ts';
import { mailNotices } from '../../src/mail/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { addFunds } from '../../src/payments/index.ts';
import { decideRefill, requestRefills } from '../../src/refills/index.ts';
import { makeService, staff } from '../factories.ts';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { makeWebCustomer } from './customers.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(async () => {
  await panel.verify();
  await panel.close();
});

type Mail = { kind: string; language: string; details: Record<string, unknown> };

/** Somebody with an open order, who is mailed what they want. */
async function makeReader(profile: Partial<Profile>) {
  const who = await makeWebCustomer(panel);
  const { customerId } = who;
  await updateProfile(panel.app, { kind: 'customer', customerId, keyId: null }, profile);
  const service = await makeService(panel, { rate: '10', min: 10, max: 1_000, refill: true });
  const order = async (name: string) => {
    const fields = { link: `https://example.com/${name}`, quantity: '100' };
    const { id } = await who.tell<{ id: number }>('/orders', { service, fields });
    return BigInt(id) as OrderId;
  };
  const mails = async () => {
    const rows = await panel.owner.sql<Mail[]>`
      select m.kind, m.language, m.details from mails m join users u on u.email = m.recipient
      where u.customer_id = ${customerId} and m.kind in ('order_news', 'deposit_credited')
      order by m.id`;
    return [...rows];
  };
  return { ...who, order, mails };
}

const settle = (orderId: OrderId, report: object) =>
  settleOrder(panel.app, staff, { orderId, ...report });

test('orders that end short make one mail in five minutes, in their language', async () => {
  const who = await makeReader({ notifications: ['orders'], language: 'zh-CN' });
  const [partial, canceled, completed] = [
    await who.order('a'),
    await who.order('b'),
    await who.order('c'),
  ];
  await settle(partial, { status: 'Partial', remains: 40n });
  await settle(canceled, { status: 'Canceled' });
  await settle(completed, { status: 'Completed' });
  panel.clock.advance(5 * minuteMs - 1_000);
  assert.equal(await mailNotices(panel.app), 0);
  panel.clock.advance(1_000);
  assert.equal(await mailNotices(panel.app), 1);
  assert.equal(await mailNotices(panel.app), 0);
  const [mail, ...others] = await who.mails();
  assert.deepEqual(others, []);
  assert.deepEqual([mail?.kind, mail?.language], ['order_news', 'zh-CN']);
  const item = (kind: string, orderId: OrderId, rest: object) => ({
    kind,
    orderId: String(orderId),
    refillId: '',
    ...rest,
  });
  assert.deepEqual(mail?.details, {
    count: '2',
    currency: 'USD',
    items: [
      item('order_partial', partial, { remains: '40', refund: '0.40' }),
      item('order_canceled', canceled, { remains: '100', refund: '1.00' }),
    ],
  });
});

test('a drip-feed of more than 32 bits hold ends, and is told', async () => {
  const who = await makeReader({ notifications: ['orders'] });
  const terms = { rate: '0.00001', min: 10, max: 100_000_000, dripfeed: true };
  const service = await makeService(panel, terms);
  const fields = { link: 'https://example.com/long', quantity: '100000000', runs: '100' };
  const { id } = await who.tell<{ id: number }>('/orders', {
    service,
    fields: { ...fields, interval: '60' },
  });
  await cancelParent(panel.app, staff, BigInt(id) as OrderId);
  panel.clock.advance(5 * minuteMs);
  await mailNotices(panel.app);
  const [mail] = await who.mails();
  assert.deepEqual(mail?.details.items, [
    {
      kind: 'order_canceled',
      orderId: String(id),
      refillId: '',
      remains: '10000000000',
      refund: '100.00',
    },
  ]);
});

test('who does not want such mails gets none', async () => {
  const who = await makeReader({ notifications: ['deposits', 'refills'] });
  await settle(await who.order('a'), { status: 'Canceled' });
  panel.clock.advance(6 * minuteMs);
  assert.equal(await mailNotices(panel.app), 0);
  assert.deepEqual(await who.mails(), []);
});

test('a report that changes nothing more tells nothing more', async () => {
  const who = await makeReader({ notifications: ['orders'] });
  const orderId = await who.order('a');
  await settle(orderId, { status: 'Partial', remains: 40n });
  await settle(orderId, { status: 'Partial', remains: 30n });
  panel.clock.advance(6 * minuteMs);
  await mailNotices(panel.app);
  assert.deepEqual(
    (await who.mails()).map(({ details }) => details.count),
    ['1'],
  );
});

test('a refill that is done, and one that is rejected, are told', async () => {
  const who = await makeReader({ notifications: ['refills'] });
  const refills: string[] = [];
  for (const name of ['a', 'b']) {
    const orderId = await who.order(name);
    await settle(orderId, { status: 'Completed' });
    panel.clock.advance(25 * 60 * minuteMs);
    const actor = { kind: 'customer' as const, customerId: who.customerId, keyId: null };
    const [outcome] = await requestRefills(panel.app, actor, [orderId]);
    assert(outcome !== undefined && 'refillId' in outcome, String(outcome));
    refills.push(String(outcome.refillId));
  }
  for (const [index, status] of (['Completed', 'Rejected'] as const).entries()) {
    const refillId = BigInt(refills[index] ?? 0) as RefillId;
    await decideRefill(panel.app, staff, { refillId, status });
  }
  panel.clock.advance(5 * minuteMs);
  await mailNotices(panel.app);
  const [mail] = await who.mails();
  const items = mail?.details.items as { kind: string; refillId: string }[];
  assert.deepEqual(
    items.map(({ kind, refillId }) => [kind, refillId]),
    [
      ['refill_done', refills[0]],
      ['refill_rejected', refills[1]],
    ],
  );
});

test('workers that look at once send one mail', async () => {
  const who = await makeReader({ notifications: ['orders'] });
  for (const name of ['a', 'b', 'c']) await settle(await who.order(name), { status: 'Canceled' });
  panel.clock.advance(5 * minuteMs);
  await Promise.all(Array.from({ length: 5 }, () => mailNotices(panel.app)));
  assert.deepEqual(
    (await who.mails()).map(({ details }) => details.count),
    ['3'],
  );
});

test('a deposit that staff add is mailed to who wants it', async () => {
  const who = await makeReader({ notifications: ['deposits'] });
  const quiet = await makeReader({ notifications: [] });
  for (const { customerId } of [who, quiet]) {
    const amount = parseAmount('5', 'amount');
    await addFunds(panel.app, staff, { customerId, amount, reference: `cash-${customerId}` });
  }
  assert.deepEqual(
    (await who.mails()).map(({ details }) => details),
    [{ amount: '5.00', balance: '105.00', currency: 'USD' }],
  );
  assert.deepEqual(await quiet.mails(), []);
});
