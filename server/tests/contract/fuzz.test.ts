import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { drive } from '../../trials/fuzz/drive.ts';
import { targets } from '../../trials/fuzz/targets.ts';

// `npm run fuzz` for a second each. A failure says by which seed it is found again.
const count = 4_000;
const timeMsMax = 1_000;

for (const [name, open] of Object.entries(targets)) {
  test(`whatever comes in at ${name}, nothing breaks, leaks or is mispriced`, async () => {
    const target = await open();
    try {
      const signal = AbortSignal.timeout(timeMsMax);
      const seed = randomInt(2 ** 31);
      const { inputs } = await drive(new Map([[name, target]]), {
        ...{ seed, count, signal },
        progress: () => {},
      });
      assert(inputs > 100);
    } finally {
      await target.close();
    }
  });
}
