import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { createRandom } from '../../tests/random.ts';
import { runMoments } from './moments.ts';

const seed = randomInt(2 ** 31);

test(`a backup under load is one moment, wherever it is restored (seed ${seed})`, async () => {
  const shown = await runMoments({
    count: 2,
    random: createRandom(seed),
    signal: new AbortController().signal,
    progress: () => {},
  });
  assert.equal(shown.moments, 2);
  assert(shown.acknowledged > 0 && shown.rows > shown.acknowledged);
});
