import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs } from '../../src/base/index.ts';
import { inFlightMax } from '../../src/fulfilment/index.ts';
import { setProviderState } from '../../src/providers/index.ts';
import { countAdds } from '../../src/sandbox/index.ts';
import { startWorker } from '../../src/worker/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { deliveryStates, until } from './processes.ts';
import { addsIn, deliveryOf, openUpstream, place, type Upstream } from './upstream.ts';

let panel: TestPanel;
let upstream: Upstream;
let key: string;
before(async () => {
  panel = await openTestPanel({ connectionsMax: 12 });
  upstream = await openUpstream(panel);
  ({ key } = await makeCustomer(panel, { funds: '100000' }));
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

const waiting = 600;

test('a provider without funds is asked a few times, not once for each order', async (t) => {
  const service = await upstream.sell();
  upstream.sandbox.setBalance('0.00');
  const links = Array.from({ length: waiting }, (_, at) => `https://example.com/funds/${at}`);
  await Promise.all(links.map((link) => place(panel, { key, service, link, quantity: 100 })));
  const worker = startWorker(panel.app);
  t.after(() => worker.stop());
  const isPaused = async () => (await upstream.provider()).pausedBy === 'funds';
  await until('the provider is paused', isPaused);
  await until('nothing is on its way', async () => !(await deliveryStates(panel)).sending);
  const { held, unknown, due } = await deliveryStates(panel);
  assert.deepEqual([held, unknown, due], [undefined, undefined, waiting]);
  const asked = upstream.sandbox.calls().filter((call) => call.action === 'add').length;
  assert(asked <= inFlightMax, `${asked} orders were tried`);

  upstream.sandbox.setBalance('100000.00');
  panel.clock.advance(2 * minuteMs);
  await setProviderState(panel.app, staff, { providerId: upstream.providerId, state: 'on' });
  await until('all are accepted', async () => (await deliveryStates(panel)).following === waiting);
  const made = countAdds(upstream.sandbox.journal(), 'link');
  for (const link of links) assert.equal(made.get(link), 1);
});

test('an answer without an end is cut off, and its order is unknown', async () => {
  const service = await upstream.sell();
  for (const kind of ['endless_body', 'slow_drip'] as const) {
    const link = `https://example.com/endless/${kind}`;
    const fault = { kind, on: { action: 'add', link }, paddingBytes: 100_000 };
    upstream.sandbox.script(fault);
    const orderId = await place(panel, { key, service, link, quantity: 100 });
    await upstream.forward();
    assert.equal((await deliveryOf(panel, orderId)).state, 'unknown');
    assert.equal(addsIn(upstream, link), 1);
  }
});
