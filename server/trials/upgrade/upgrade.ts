import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/index.ts';
import { connect, migrate } from '../../src/db/index.ts';
import { verify } from '../../src/system/index.ts';
import { dropDatabase } from '../../tests/harness.ts';
import type { Random } from '../../tests/random.ts';
import { installKiller, removeKiller } from './killer.ts';
import { makeVersion, openOwner, readContents, readShipped, type Shipped } from './versions.ts';

/** What the upgrades have shown. */
export type Upgrades = { upgrades: number; versions: number; killed: number };

type Run = {
  count: number;
  random: Random;
  signal: AbortSignal;
  progress: (done: number, note?: string) => void;
};

/** From the release that had this many migrations; the session that reaches the step is killed. */
type Case = { version: number; step: number };

/**
 * Upgrades databases of released schema versions, with their data, by two servers that start at the
 * same time, one of which is killed at a statement of the next migration; another start completes
 * it. Every row is as it was, the schema is this release's and `verify` holds. Every version is
 * looked at before any twice, each at statements of its own; with as many as there are, at all.
 */
export async function runUpgrades({ count, random, signal, progress }: Run): Promise<Upgrades> {
  const shipped = await readShipped();
  const cases = await planCases(shipped, { count, random });
  const versions = new Set<number>();
  let upgrades = 0;
  let killed = 0;
  for (const { version, step } of cases) {
    if (signal.aborted) break;
    const url = await makeVersion(shipped.slice(0, version));
    try {
      const name = shipped[version - 1]?.name ?? 'nothing';
      if (await upgrade(url, { step, name })) killed += 1;
    } finally {
      await dropDatabase(url);
    }
    versions.add(version);
    upgrades += 1;
    progress(upgrades);
  }
  return { upgrades, versions: versions.size, killed };
}

/** @returns whether a session was killed */
async function upgrade(url: string, { step, name }: { step: number; name: string }) {
  const before = await readContents(url);
  await installKiller(url, step);
  const starts = await Promise.allSettled([1, 2].map(() => migrate({ url }, systemClock)));
  await removeKiller(url);
  const wasKilled = starts.some(({ status }) => status === 'rejected');
  const where = `from ${name}, killed at step ${step}`;
  assert(wasKilled, `${where}: nobody came by it`);
  await migrate({ url }, systemClock);
  assert.deepEqual(await migrate({ url }, systemClock), [], where);
  const after = await readContents(url, before);
  for (const [table, rows] of before) {
    if (rows.length === 0) continue;
    assert.deepEqual(sorted(after.get(table)), sorted(rows), `${where}: rows of ${table}`);
  }
  const database = connect({ url }, { connectionsMax: 2 });
  try {
    assert.deepEqual((await verify(database.db)).broken, [], where);
  } finally {
    await database.close();
  }
  return wasKilled;
}

function sorted(rows: readonly object[] = []): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();
}

async function planCases(
  shipped: readonly Shipped[],
  { count, random }: { count: number; random: Random },
): Promise<Case[]> {
  // Versions in a random order, as a short run sees some of them only.
  const versions = shuffled(
    shipped.slice(1).map((_, index) => index + 1),
    random,
  ).slice(0, count);
  const open: { version: number; steps: number[] }[] = [];
  for (const version of versions) {
    const steps = Array.from({ length: await countSteps(shipped, version) }, (_, at) => at + 1);
    open.push({ version, steps: shuffled(steps, random) });
  }
  const cases: Case[] = [];
  for (let round = 0; open.some(({ steps }) => round < steps.length); round += 1) {
    for (const { version, steps } of open) {
      const step = steps[round];
      if (step !== undefined) cases.push({ version, step });
    }
  }
  return cases.slice(0, count);
}

/** What `migrate` itself does before: a table that is there. */
const stepsBefore = 2;

/** How many steps the migration after this version has, and those before it. */
async function countSteps(shipped: readonly Shipped[], version: number): Promise<number> {
  const url = await makeVersion(shipped.slice(0, version));
  try {
    await installKiller(url, 0);
    const owner = openOwner(url);
    await owner.sql.unsafe(shipped[version]?.text ?? '').simple();
    await owner.close();
    return stepsBefore + (await removeKiller(url));
  } finally {
    await dropDatabase(url);
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(random(left.length), 1));
}
