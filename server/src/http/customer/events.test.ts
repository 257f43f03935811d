import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Hono } from 'hono';
import { makeCustomer } from '../../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../../tests/harness.ts';
import type { CustomerEnv } from '../access.ts';
import { createLiveHub, type LiveHub } from '../live.ts';
import { eventsApi } from './events.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

/** A customer's stream, after its first event. */
async function openStream(live: LiveHub) {
  const { customerId } = await makeCustomer(panel);
  const app = new Hono<CustomerEnv>()
    .use((c, next) => {
      c.set('actor', { kind: 'customer', customerId, keyId: null });
      return next();
    })
    .route('/', eventsApi({ live }));
  const { body } = await app.request('/events');
  assert(body !== null);
  const reader = body.getReader();
  const first = await reader.read();
  assert.match(new TextDecoder().decode(first.value), /^event: ready/);
  return { app, reader };
}

test('open streams end when the panel stops, and those that come later end at once', async () => {
  const live = createLiveHub(panel.app);
  const { app, reader } = await openStream(live);
  live.close();
  while (!(await reader.read()).done);
  assert.match(await (await app.request('/events')).text(), /^event: ready/);
});

/** A function of its own, so that no variable keeps the stream. */
async function openAndLeave(live: LiveHub): Promise<void> {
  const { reader } = await openStream(live);
  await reader.cancel();
}

test('nothing is kept in memory of a stream that has ended', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const kept: WeakRef<AbortController>[] = [];
  const seen = new Proxy(AbortController, {
    construct(target) {
      const controller = new target();
      kept.push(new WeakRef(controller));
      return controller;
    },
  });
  t.mock.property(globalThis, 'AbortController', seen);
  const live = createLiveHub(panel.app);
  await openAndLeave(live);
  for (let turns = 0; turns < 100 && kept.some((ref) => ref.deref() !== undefined); turns += 1) {
    await turn();
    collect();
  }
  assert(kept.length > 0);
  assert.equal(kept.filter((ref) => ref.deref() !== undefined).length, 0);
  live.close();
});
