import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { drive } from '../../trials/fuzz/drive.ts';
import { targets } from '../../trials/fuzz/targets.ts';

// `npm run fuzz` for a moment each, bounded by number: a slow machine takes longer and tries as
// much. A failure says by which seed it is found again.
const countUsual = 200;
/** What needs no database is tried much faster. */
const countQuick = 2_000;
const quick = ['upstream', 'mass-order', 'csv'];

for (const [name, open] of Object.entries(targets)) {
  test(`whatever comes in at ${name}, nothing breaks, leaks or is mispriced`, async () => {
    const target = await open();
    try {
      const seed = randomInt(2 ** 31);
      const count = quick.includes(name) ? countQuick : countUsual;
      const { inputs } = await drive(new Map([[name, target]]), {
        ...{ seed, count, signal: new AbortController().signal },
        progress: () => {},
      });
      assert(inputs >= count, `${inputs} of ${count}`);
    } finally {
      await target.close();
    }
  });
}
