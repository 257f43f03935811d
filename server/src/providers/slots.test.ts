import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import type { ProviderId } from '../base/index.ts';
import { addProvider, delayCalls, takeCallSlots } from './index.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

let counter = 0;

async function makeProvider(callsPerMinuteMax: number): Promise<ProviderId> {
  counter += 1;
  const url = 'http://127.0.0.1:1/api/v2';
  const input = { name: `P${counter}`, url, key: 'k-0123456789', callsPerMinuteMax };
  return addProvider(panel.app, staff, input);
}

/** Slots as ms from now. */
async function take(providerId: ProviderId, count: number): Promise<number[]> {
  const now = panel.clock.now();
  const slots = await takeCallSlots(panel.app.db, { providerId, count, now });
  return slots.map((slot) => slot.getTime() - now.getTime());
}

test('slots follow one another at the distance of the rate limit', async () => {
  const id = await makeProvider(120);
  assert.deepEqual(await take(id, 3), [0, 500, 1000]);
  assert.deepEqual(await take(id, 1), [1500]);
  assert.deepEqual(await take(id, 0), []);
  panel.clock.advance(1_000);
  assert.deepEqual(await take(id, 2), [1000, 1500]);
  panel.clock.advance(60_000);
  assert.deepEqual(await take(id, 2), [0, 500], 'what was not used is lost');
});

test('no slot is early at a distance that is no whole millisecond', async () => {
  const id = await makeProvider(90);
  assert.deepEqual(await take(id, 4), [0, 667, 1334, 2001]);
  const fast = await makeProvider(6_000_000);
  const many = await take(fast, 1_000);
  assert.equal(many.at(-1), 10);
  assert.deepEqual(
    many,
    many.toSorted((one, other) => one - other),
  );
});

test('callers at the same moment never share a slot', async () => {
  const id = await makeProvider(60);
  const taken = await Promise.all(Array.from({ length: 20 }, (_, at) => take(id, 1 + (at % 3))));
  const slots = taken.flat().toSorted((one, other) => one - other);
  assert.deepEqual(
    slots,
    slots.map((_, at) => at * 1000),
  );
});

const delay = (providerId: ProviderId, ms: number) =>
  delayCalls(panel.app.db, { providerId, until: new Date(panel.clock.now().getTime() + ms) });

test('a delay moves the next slot, never back', async () => {
  const id = await makeProvider(60);
  await delay(id, 9_000);
  await delay(id, 3_000);
  assert.deepEqual(await take(id, 2), [9_000, 10_000]);
});

test('who is held back is given no slot, who is slow is', async () => {
  const id = await makeProvider(1);
  assert.deepEqual(await take(id, 3), [0, 60_000, 120_000]);
  assert.deepEqual(await take(id, 1), [180_000]);
  await delay(id, 100_000);
  assert.deepEqual(await take(id, 1), []);
  panel.clock.advance(90_000);
  assert.deepEqual(await take(id, 1), [150_000], 'none was taken meanwhile');
});

test('a clock that was a year ahead holds nobody back, and hides no later delay', async () => {
  const id = await makeProvider(60);
  await delayCalls(panel.app.db, { providerId: id, until: new Date('2027-03-01T00:00:00Z') });
  assert.deepEqual(await take(id, 2), [0, 1_000]);
  await delayCalls(panel.app.db, { providerId: id, until: new Date('2027-03-01T00:00:00Z') });
  await delay(id, 30_000);
  assert.deepEqual(await take(id, 1), []);
});

test('there are no slots of no provider', async () => {
  assert.deepEqual(await take(999 as ProviderId, 1), []);
});
