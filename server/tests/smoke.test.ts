import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCustomer, makeService } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

test('an order is taken, charged and shown', async () => {
  const { key } = await makeCustomer(panel);
  const service = await makeService(panel);
  const link = 'https://example.com/a';
  const placed = await panel.call({ key, action: 'add', service, link, quantity: 100 });
  assert.deepEqual(placed, { order: 1 });
  const balance = await panel.callText({ key, action: 'balance' });
  assert.equal(balance, '{"balance":"99.91","currency":"USD"}');
  await panel.verify();
});
