import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackup, restoreBackup } from '../../src/backup/index.ts';
import { silentLog } from '../../src/base/index.ts';
import { connect, type DatabaseTarget, startEmbedded } from '../../src/db/index.ts';
import { verify } from '../../src/system/index.ts';
import { createEmptyDatabase, dropDatabase } from '../../tests/harness.ts';
import type { Random } from '../../tests/random.ts';
import { type Load, startLoad } from './load.ts';

/** What the moments of a run have shown. */
export type Moments = {
  moments: number;
  /** Orders that were answered before a snapshot; all were in it. */
  acknowledged: number;
  /** Rows that were restored, in all. */
  rows: number;
  largestBytes: number;
  slowestBackupMs: number;
  slowestRestoreMs: number;
};

type Run = {
  count: number;
  random: Random;
  signal: AbortSignal;
  progress: (done: number, note?: string) => void;
};

/** Orders between two moments: at least one, and below this. */
const ordersBetweenMax = 100;
/** Every so many, a backup is restored into an embedded server of its own. */
const embeddedEvery = 5;

/**
 * Backs a panel up at random moments of a load run, and restores each: the books hold, every order
 * that was answered before is in it as it was answered, and none is in it that the panel never had.
 */
export async function runMoments({ count, random, signal, progress }: Run): Promise<Moments> {
  const dir = await mkdtemp(join(tmpdir(), 'panelwright-moments-'));
  const load = await startLoad(random);
  const seen = { acknowledged: 0, rows: 0, largestBytes: 0 };
  const slowest = { slowestBackupMs: 0, slowestRestoreMs: 0 };
  let moments = 0;
  try {
    for (; moments < count && !signal.aborted; moments += 1) {
      await load.untilMore(1 + random(ordersBetweenMax));
      const file = join(dir, 'moment.backup');
      const known = new Map(load.acknowledged());
      const target = { url: load.databaseUrl };
      const backupStartMs = performance.now();
      await createBackup({ target, file, clock: load.clock });
      const backupMs = performance.now() - backupStartMs;
      const isEmbedded = moments % embeddedEvery === 0;
      await using place = await (isEmbedded ? openEmbedded(join(dir, 'data')) : openEmpty());
      const restoreStartMs = performance.now();
      const { rows } = await restoreBackup({ target: place.target, file, clock: load.clock });
      slowest.slowestRestoreMs = later(slowest.slowestRestoreMs, restoreStartMs);
      slowest.slowestBackupMs = Math.max(slowest.slowestBackupMs, Math.round(backupMs));
      await compare(place.target, { known, load });
      seen.acknowledged += known.size;
      seen.rows += rows;
      seen.largestBytes = Math.max(seen.largestBytes, (await stat(file)).size);
      progress(moments + 1, `${known.size} orders`);
    }
    await load.verify();
  } finally {
    await load.stop();
    await rm(dir, { recursive: true, force: true });
  }
  return { moments, ...seen, ...slowest };
}

function later(beforeMs: number, startMs: number): number {
  return Math.max(beforeMs, Math.round(performance.now() - startMs));
}

type Place = AsyncDisposable & { target: DatabaseTarget };

async function openEmpty(): Promise<Place> {
  const url = await createEmptyDatabase();
  return { target: { url }, [Symbol.asyncDispose]: () => dropDatabase(url) };
}

async function openEmbedded(dataDir: string): Promise<Place> {
  const { target, stop } = await startEmbedded({ dataDir, log: silentLog });
  return {
    target,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function compare(
  target: DatabaseTarget,
  { known, load }: { known: ReadonlyMap<string, string>; load: Load },
): Promise<void> {
  const database = connect(target, { connectionsMax: 2 });
  try {
    assert.deepEqual((await verify(database.db)).broken, [], 'what is restored holds');
    const rows = await database.db.selectFrom('orders').select(['id', 'link']).execute();
    const restored = new Map(rows.map(({ id, link }) => [String(id), link]));
    for (const [order, link] of known) {
      assert.equal(restored.get(order), link, `order ${order} was answered before the backup`);
    }
    const all = await load.orderIds();
    const strange = [...restored.keys()].filter((order) => !all.has(order));
    assert.deepEqual(strange, [], 'no order comes out of a backup that never was');
  } finally {
    await database.close();
  }
}
