import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, type RefillId } from '../../src/base/index.ts';
import { decideRefill } from '../../src/refills/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { compact, publishedReplies } from './published-replies.ts';
import { addOrder, setNextId, settle } from './wire.ts';

// Two panels, because the page's order 1 is partial in one example and refilled in another.
let panel: TestPanel;
let refillPanel: TestPanel;
before(async () => {
  [panel, refillPanel] = await Promise.all([openTestPanel(), openTestPanel()]);
});
after(() => Promise.all([panel.close(), refillPanel.close()]));

test('services answers the page’s list, with dripfeed', async () => {
  const { key } = await makeCustomer(panel);
  const shared = { refill: true, cancel: true };
  await makeService(panel, { name: 'Followers', ...shared });
  await makeService(panel, {
    name: 'Comments',
    category: 'Second Category',
    type: 'Custom Comments',
    rate: '8',
    min: 10,
    max: 1500,
    cancel: true,
  });
  const text = await panel.callText({ key, action: 'services' });
  assert.equal(text, compact(publishedReplies.services));
});

test('status and balance answer the page’s replies, byte for byte', async () => {
  // What is left of it after the charges of orders 1 and 100 is the page's balance.
  const { key } = await makeCustomer(panel, { funds: '102.5633' });
  const stranger = await makeCustomer(panel);
  const partly = await makeService(panel, { rate: '0.99' });
  const running = await makeService(panel, { rate: '1.44219' });

  await setNextId(panel, 'order_ids', 1);
  const first = await addOrder(panel, { key, service: partly, quantity: 438 });
  await settle(panel, first, { status: 'Partial', startCount: 3572n, remains: 157n });
  await setNextId(panel, 'order_ids', 10);
  await addOrder(panel, { key: stranger.key, service: partly, quantity: 438 });
  await setNextId(panel, 'order_ids', 100);
  const hundredth = await addOrder(panel, { key, service: running, quantity: 1000 });
  await settle(panel, hundredth, { status: 'In progress', startCount: 234n, remains: 10n });

  const one = await panel.callText({ key, action: 'status', order: 1 });
  assert.equal(one, compact(publishedReplies.status));
  const several = await panel.callText({ key, action: 'status', orders: '1,10,100' });
  assert.equal(several, compact(publishedReplies.statusOfSeveral));
  const balance = await panel.callText({ key, action: 'balance' });
  assert.equal(balance, compact(publishedReplies.balance));
});

test('add answers the order’s number as an integer', async () => {
  const { key } = await makeCustomer(panel);
  const service = await makeService(panel);
  await setNextId(panel, 'order_ids', 23501);
  const order = { service, link: 'https://example.com/a', quantity: 100 };
  const text = await panel.callText({ key, action: 'add', ...order });
  assert.equal(text, compact(publishedReplies.add));
});

test('refill and refill_status answer the page’s replies, byte for byte', async () => {
  const { key } = await makeCustomer(refillPanel);
  const stranger = await makeCustomer(refillPanel);
  const service = await makeService(refillPanel, { refill: true });
  for (const owner of [key, key, stranger.key]) {
    const order = await addOrder(refillPanel, { key: owner, service, quantity: 100 });
    await settle(refillPanel, order, { status: 'Completed' });
  }
  refillPanel.clock.advance(2 * dayMs);

  const several = await refillPanel.callText({ key, action: 'refill', orders: '1,2,3' });
  assert.equal(several, compact(publishedReplies.refillOfSeveral));
  await decideRefill(refillPanel.app, staff, { refillId: 1n as RefillId, status: 'Completed' });
  await decideRefill(refillPanel.app, staff, { refillId: 2n as RefillId, status: 'Rejected' });
  const status = await refillPanel.callText({ key, action: 'refill_status', refill: 1 });
  assert.equal(status, compact(publishedReplies.refillStatus));
  const statuses = await refillPanel.callText({ key, action: 'refill_status', refills: '1,2,3' });
  assert.equal(statuses, compact(publishedReplies.refillStatusOfSeveral));

  await setNextId(refillPanel, 'refill_ids', 1);
  const one = await refillPanel.callText({ key: stranger.key, action: 'refill', order: 3 });
  assert.equal(one, compact(publishedReplies.refill));
});

test('cancel answers a list, also with a refusal in it', async () => {
  const { key } = await makeCustomer(refillPanel);
  const service = await makeService(refillPanel, { cancel: true });
  await setNextId(refillPanel, 'order_ids', 2);
  await addOrder(refillPanel, { key, service, quantity: 100 });
  const text = await refillPanel.callText({ key, action: 'cancel', orders: '9,2' });
  assert.equal(text, compact(publishedReplies.cancel));
});

test('the books are in order after the examples', async () => {
  await panel.verify();
  await refillPanel.verify();
});
