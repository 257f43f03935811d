import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { createRandom } from '../../tests/random.ts';
import { runUpgrades } from './upgrade.ts';

const seed = randomInt(2 ** 31);

test(`an upgrade that is killed is completed by the next start (seed ${seed})`, async () => {
  const shown = await runUpgrades({
    count: 2,
    random: createRandom(seed),
    signal: new AbortController().signal,
    progress: () => {},
  });
  assert.deepEqual(shown, { upgrades: 2, versions: 2, killed: 2 });
});
