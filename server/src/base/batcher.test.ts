import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AppError, createBatcher } from './index.ts';

const defaults = { itemsMax: 10, inFlightMax: 2, waitingMax: 1_000 };

test('every item gets its own result, in batches within the limits', async () => {
  const shape = fc.record({
    count: fc.integer({ min: 0, max: 200 }),
    itemsMax: fc.integer({ min: 1, max: 20 }),
    inFlightMax: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ count, ...limits }) => {
      let inFlight = 0;
      const seen: number[] = [];
      const batcher = createBatcher<number, number>({
        ...defaults,
        ...limits,
        run: async (items) => {
          inFlight += 1;
          assert(inFlight <= limits.inFlightMax);
          assert(items.length > 0 && items.length <= limits.itemsMax);
          seen.push(...items);
          await new Promise(setImmediate);
          inFlight -= 1;
          return items.map((item) => item * 2);
        },
      });
      const items = Array.from({ length: count }, (_, index) => index);
      const results = await Promise.all(items.map((item) => batcher.submit(item)));
      assert.deepEqual(
        results,
        items.map((item) => item * 2),
      );
      assert.deepEqual(seen, items, 'each item once, in the order it came');
      await batcher.idle();
      assert.equal(inFlight, 0);
    }),
  );
});

test('what comes alone leaves before the turn of the loop is over, if it is eager', async () => {
  for (const isEager of [true, false]) {
    const sizes: number[] = [];
    const batcher = createBatcher<number, number>({
      ...{ ...defaults, isEager },
      run: async (items) => {
        sizes.push(items.length);
        return items;
      },
    });
    // Each comes in the same turn of the loop, when what the one before left to do is done.
    const submitInTurn = async () => {
      const first = batcher.submit(1);
      await null;
      await null;
      await Promise.all([first, batcher.submit(2), batcher.submit(3)]);
    };
    await submitInTurn();
    assert.equal(sizes[0], isEager ? 1 : 3);
    await batcher.submit(4);
    await Promise.all([5, 6, 7].map((item) => batcher.submit(item)));
    const after = sizes.length;
    await submitInTurn();
    assert.equal(sizes[after], 3, 'after one of several it waits for others');
  }
});

test('an error as a result rejects its item alone', async () => {
  const batcher = createBatcher<number, number>({
    ...defaults,
    run: async (items) => items.map((item) => (item === 1 ? new AppError('conflict', 'no') : item)),
  });
  const outcomes = await Promise.allSettled([0, 1, 2].map((item) => batcher.submit(item)));
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('a run that fails rejects its batch, and the next batch runs', async () => {
  let runs = 0;
  const batcher = createBatcher<string, string>({
    ...defaults,
    itemsMax: 2,
    run: async (items) => {
      runs += 1;
      if (runs === 1) throw new Error('down');
      return items;
    },
  });
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((item) => batcher.submit(item)));
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['rejected', 'rejected', 'fulfilled'],
  );
  assert.equal(await batcher.submit('d'), 'd');
  await batcher.idle();
});

test('beyond the waiting limit an item is refused at once, the others are not', async () => {
  const batcher = createBatcher<number, number>({
    ...defaults,
    waitingMax: 5,
    run: async (items) => items,
  });
  const outcomes = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map((n) => batcher.submit(n)));
  const refused = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [Reflect.get(Object(outcome.reason), 'code')] : [],
  );
  assert.deepEqual(refused, ['overloaded', 'overloaded']);
  assert.equal(await batcher.submit(9), 9);
});

test('heavy items make small batches, and the heaviest one of its own', async () => {
  const batches: number[][] = [];
  const batcher = createBatcher<number, number>({
    ...defaults,
    weights: { weigh: (item) => item, weightMax: 10, waitingWeightMax: 1_000 },
    run: async (items) => {
      batches.push(items);
      return items;
    },
  });
  await Promise.all([4, 6, 1, 50, 0, 9, 1, 3].map((item) => batcher.submit(item)));
  assert.deepEqual(batches, [[4, 6], [1], [50], [0, 9, 1], [3]]);
});

test('beyond the waiting weight an item is refused, until the others have gone', async () => {
  const batcher = createBatcher<number, number>({
    ...defaults,
    weights: { weigh: (item) => item, weightMax: 10, waitingWeightMax: 20 },
    run: async (items) => items,
  });
  const submitAll = (items: number[]) =>
    Promise.allSettled(items.map((item) => batcher.submit(item)));
  const statuses = (await submitAll([15, 5, 1, 0])).map((outcome) => outcome.status);
  assert.deepEqual(statuses, ['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  assert.equal(await batcher.submit(100), 100, 'alone it may be of any weight');
  assert.equal(await batcher.submit(20), 20);
});

test('idle waits for what waits and for what runs', async () => {
  let finished = 0;
  const batcher = createBatcher<number, number>({
    ...defaults,
    itemsMax: 1,
    inFlightMax: 1,
    run: async (items) => {
      await new Promise(setImmediate);
      finished += 1;
      return items;
    },
  });
  await batcher.idle();
  const all = [1, 2, 3].map((item) => batcher.submit(item));
  await batcher.idle();
  assert.equal(finished, 3);
  await Promise.all(all);
});

/** A batcher whose batches are answered when the test says so. */
function holdingBatches(limits: { inFlightMax: number; patienceMs: number; enoughShare?: number }) {
  const started: { items: number[]; finish: () => void }[] = [];
  const batcher = createBatcher<number, number>({
    ...defaults,
    ...limits,
    run: (items) => new Promise((resolve) => started.push({ items, finish: () => resolve(items) })),
  });
  const begun = async (count: number) => {
    while (started.length < count) await new Promise(setImmediate);
    return started.map(({ items }) => items);
  };
  return { batcher, started, begun };
}

test('with patience, what comes meanwhile makes one batch after the one that runs', async () => {
  const { batcher, started, begun } = holdingBatches({ inFlightMax: 2, patienceMs: 3_600_000 });
  const first = batcher.submit(1);
  await begun(1);
  const others = [batcher.submit(2), batcher.submit(3)];
  await new Promise(setImmediate);
  assert.equal(started.length, 1);
  started[0]?.finish();
  assert.deepEqual(await begun(2), [[1], [2, 3]]);
  started[1]?.finish();
  assert.deepEqual(await Promise.all([first, ...others]), [1, 2, 3]);
});

test('a batch that is large enough does not wait for the one before', async () => {
  const limits = { inFlightMax: 2, patienceMs: 3_600_000, enoughShare: 0.5 };
  const { batcher, started, begun } = holdingBatches(limits);
  const first = [1, 2, 3].map((item) => batcher.submit(item));
  await begun(1);
  const others = [batcher.submit(4)];
  await new Promise(setImmediate);
  assert.equal(started.length, 1);
  others.push(batcher.submit(5));
  assert.deepEqual(await begun(2), [
    [1, 2, 3],
    [4, 5],
  ]);
  for (const { finish } of started) finish();
  assert.deepEqual(await Promise.all([...first, ...others]), [1, 2, 3, 4, 5]);
});

test('patience ends: a batch that is slow holds up no other', { timeout: 10_000 }, async () => {
  const { batcher, started, begun } = holdingBatches({ inFlightMax: 2, patienceMs: 1 });
  const slow = batcher.submit(1);
  await begun(1);
  const quick = batcher.submit(2);
  assert.deepEqual(await begun(2), [[1], [2]]);
  started[1]?.finish();
  assert.equal(await quick, 2);
  started[0]?.finish();
  assert.equal(await slow, 1);
});
