import type { Clock } from '../base/index.ts';
import { type Check, prepareToVerify, wantedOf } from './checks.ts';
import type { Db } from './connect.ts';
import { inSnapshot } from './snapshot.ts';
import type { Wanted } from './sums.ts';
import { beginParts, keepParts, listParts, readParts } from './verified-parts.ts';

/**
 * How long a piece should take: so short that a busy panel does not pay for its snapshot, and
 * longer than what beginning and keeping it cost.
 */
const pieceMs = 200;
/**
 * Parts in which nothing changed are passed in a tenth of the time of those that are summed up, and
 * which come next nobody knows: of so many a piece takes a second at most. One part of a table in
 * months is a stretch of each of them, and so may take longer.
 */
const partsPerPieceMax = 8;

type Ahead = {
  clock: Clock;
  /** Told after each piece how long it took; ends it all by `false`. */
  onPiece: (tookMs: number) => Promise<boolean>;
};

/**
 * Reads, piece by piece, what `runChecks` of the same checks would have to read of the large tables
 * the next time, and keeps it for that: the parts that changed since they were last read, or never
 * were. Each piece has a snapshot of its own; between two of them none is held.
 */
export async function readAhead(
  db: Db,
  checks: readonly Check[],
  { clock, onPiece }: Ahead,
): Promise<void> {
  for (const wanted of wantedOf(checks)) {
    // What others may spare is rarely read at all.
    if (wanted.of.rowsOf === undefined || wanted.of.unless !== undefined) continue;
    const left = await listParts(db, wanted);
    let size = 1;
    while (left.length > 0) {
      const beganMs = performance.now();
      await readPiece(db, wanted, { now: clock.now(), only: left.splice(0, size) });
      const tookMs = performance.now() - beganMs;
      if (!(await onPiece(tookMs))) return;
      size = Math.min(partsPerPieceMax, Math.max(1, Math.round((size * pieceMs) / tookMs)));
    }
  }
}

async function readPiece(
  db: Db,
  wanted: Wanted,
  options: { now: Date; only: readonly bigint[] },
): Promise<void> {
  const run = await beginParts(db, options);
  await inSnapshot(db, async (tx) => {
    await prepareToVerify(tx);
    await readParts(tx, wanted, run);
  });
  await keepParts(db, run);
}
