import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cloneDatabase, dropDatabase, isSpread } from '../../tests/harness.ts';
import { copyOut, ownerTransaction } from './tables.ts';

const lineBytes = 1_001;
const lineCounts = Array.from({ length: 30 }, (_, index) => 130 + 6 * index);
const patienceMs = 20_000;

test('rows that are read slowly, however many, leave the connection usable', async () => {
  const url = await cloneDatabase();
  const place = { target: { url }, isCluster: isSpread };
  const reading = ownerTransaction({ ...place, mode: 'read only' }, async (tx) => {
    for (const lines of lineCounts) {
      const text = `select repeat('x', 1000) from generate_series(1, ${lines})`;
      let bytes = 0;
      for await (const piece of copyOut(tx`copy (${tx.unsafe(text)}) to stdout`)) {
        bytes += piece.length;
        await nextTurn();
      }
      assert.equal(bytes, lines * lineBytes);
      const [row] = await tx`select 1 as one`;
      assert.equal(row?.one, 1);
    }
  });
  const patience = AbortSignal.timeout(patienceMs);
  const late = new Promise((_, reject) => {
    patience.addEventListener('abort', () => reject(new Error('the connection stands still')));
  });
  try {
    await Promise.race([reading, late]);
  } finally {
    await dropDatabase(url);
  }
});
