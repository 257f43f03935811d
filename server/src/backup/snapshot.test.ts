import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { untilBlocked } from '../../tests/delivery/processes.ts';
import { isSpread, openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { AppError } from '../base/index.ts';
import { lockForSnapshot } from './snapshot.ts';
import { ownerTransaction } from './tables.ts';

const mode = 'isolation level repeatable read read only';
let panel: TestPanel;
let place: { target: { url: string }; isCluster: boolean };
before(async () => {
  panel = await openTestPanel();
  place = { target: { url: panel.databaseUrl }, isCluster: true };
});
after(() => panel.close());

test('who is to leave does not wait for a moment at which nobody writes', async () => {
  await panel.owner.sql.begin(async (writing) => {
    await writing`lock table wallets in row exclusive mode`;
    const locking = ownerTransaction({ ...place, mode }, (tx) =>
      lockForSnapshot(tx, { ...place, tables: [], signal: AbortSignal.abort() }),
    );
    await assert.rejects(locking, { name: 'AbortError' });
  });
});

test('a snapshot that a deadlock ends is refused', { skip: isSpread }, async () => {
  const tables = [{ name: 'settings', columns: [] }];
  const locking = ownerTransaction({ ...place, mode }, async (tx) => {
    await tx`set local deadlock_timeout = '1ms'`;
    await tx`lock table audit in access share mode`;
    const { promise: isLocked, resolve: markLocked } = Promise.withResolvers<void>();
    const other = panel.owner.sql.begin(async (session) => {
      // Never the one to be ended.
      await session`set local deadlock_timeout = '1h'`;
      await session`lock table settings in access exclusive mode`;
      markLocked();
      await session`lock table audit in access exclusive mode`;
    });
    await isLocked;
    await untilBlocked(panel);
    try {
      await lockForSnapshot(tx, { ...place, tables });
    } finally {
      await other;
    }
  });
  const isConflict = (error: unknown) => error instanceof AppError && error.code === 'conflict';
  await assert.rejects(locking, isConflict);
});
