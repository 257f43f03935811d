import { createHash, type Hash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, assertNever, type Clock } from '../base/index.ts';
import {
  checkDurability,
  connect,
  type DatabaseTarget,
  inTransaction,
  isSpread,
  migrate,
  notifyChange,
} from '../db/index.ts';
import { type Aftermath, settleAftermath } from './aftermath.ts';
import {
  type BackupHeader,
  type BackupManifest,
  damaged,
  decodeJson,
  type Frame,
  headerSchema,
  manifestSchema,
  type TableSum,
  tableEndSchema,
  tableSchema,
} from './format.ts';
import { makeMonths } from './months.ts';
import { readFrames } from './read.ts';
import {
  lockTables,
  type OwnerTx,
  ownerTransaction,
  readMigrations,
  readTables,
  type Table,
} from './tables.ts';

/** Tables that a migration fills; their rows give way to the backup's. */
const seededTables: ReadonlySet<string> = new Set([
  ...['settings', 'verify_marks', 'alarm_settings', 'retention', 'panel_identity'],
]);

/**
 * Reads the head of a backup, to refuse a wrong file before any database is opened.
 * @throws AppError `invalid_input` for a file that is missing, no backup or damaged
 */
export async function readHeader(file: string): Promise<BackupHeader> {
  for await (const frame of readFrames(file)) return toHeader(frame);
  throw damaged();
}

/**
 * Fills an empty database from a backup, in one transaction; a database without schema gets this
 * release's first. What the backed-up panel may have done after the backup is made unknown, nothing
 * goes out to providers until staff confirm the restore, and numbers that may have been given out
 * since are left out; all in the same transaction.
 * @throws AppError `conflict` when the database is not empty or the backup has another schema,
 *   `invalid_input` for a damaged file; nothing is changed then
 */
export async function restoreBackup(input: {
  target: DatabaseTarget;
  file: string;
  clock: Clock;
}): Promise<RestoreSummary> {
  const { target, clock } = input;
  const isCluster = await isSpread(target);
  const place = { target, isCluster };
  const database = connect(target, { connectionsMax: 1, asOwner: true, isCluster });
  try {
    await checkDurability(database);
    // Looked at before it is migrated: a database that is refused stays as it was.
    await database.sql.begin('read only', async (tx) => requireEmpty(tx, await readTables(tx)));
    await migrate(target, clock);
    const summary = await ownerTransaction({ ...place, mode: 'read write' }, async (tx) => {
      const tables = await readTables(tx);
      await lockTables(tx, tables, 'access exclusive');
      await requireEmpty(tx, tables);
      for (const name of seededTables) await tx`delete from ${tx(name)}`;
      const loaded = await load(tx, { frames: readFrames(input.file), tables });
      const backupAt = new Date(loaded.createdAt);
      const aftermath = await settleAftermath(tx, { backupAt, at: clock.now(), isCluster });
      return { ...loaded, ...aftermath };
    });
    // A server that runs on it already learns of its new catalog.
    await inTransaction(database.db, (tx) => notifyChange(tx, { kind: 'catalog' }));
    return summary;
  } finally {
    await database.close();
  }
}

function toHeader(frame: Frame): BackupHeader {
  if (frame.kind !== 'H') throw damaged();
  return decodeJson(frame.payload, headerSchema);
}

async function requireEmpty(tx: OwnerTx, tables: readonly Table[]): Promise<void> {
  for (const { name } of tables) {
    if (seededTables.has(name)) continue;
    const used = await tx`select true from ${tx(name)} limit 1`;
    if (used.length > 0) {
      throw new AppError(
        'conflict',
        `the database is not empty (see table ${name}); restore into an empty one: another ` +
          'PANELWRIGHT_DATA_DIR or DATABASE_URL',
      );
    }
  }
}

async function requireSameSchema(tx: OwnerTx, header: BackupHeader): Promise<void> {
  const here = await readMigrations(tx);
  if (JSON.stringify(here) === JSON.stringify(header.migrations)) return;
  const last = header.migrations.at(-1)?.name ?? 'none';
  throw new AppError(
    'conflict',
    `the backup has schema ${last} and this release ${here.at(-1)?.name ?? 'none'}; restore with ` +
      'the release that made the backup, then start this one on the result',
  );
}

/** What a backup held. */
type Loaded = { createdAt: string; tables: number; rows: number };
/** The same, and what was made of it. */
export type RestoreSummary = Loaded & Aftermath;

/** The table whose rows are coming in. */
type Loading = { name: string; sink: Writable; hash: Hash; failure: unknown };

async function load(
  tx: OwnerTx,
  input: { frames: AsyncIterable<Frame>; tables: readonly Table[] },
): Promise<Loaded> {
  const loaded: Record<string, TableSum> = {};
  let header: BackupHeader | undefined;
  let manifest: BackupManifest | undefined;
  let current: Loading | undefined;
  for await (const { kind, payload } of input.frames) {
    if ((kind === 'H') !== (header === undefined) || manifest !== undefined) throw damaged();
    const isInTable = kind === 'D' || kind === 'E';
    if (isInTable !== (current !== undefined)) throw damaged();
    switch (kind) {
      case 'H':
        header = decodeJson(payload, headerSchema);
        await requireSameSchema(tx, header);
        await makeMonths(tx, header.months ?? []);
        break;
      case 'T':
        current = await startTable(tx, payload, input.tables);
        break;
      case 'D':
        await writeRows(current, payload);
        break;
      case 'E':
        if (current === undefined) throw damaged();
        loaded[current.name] = await endTable(tx, current, payload);
        current = undefined;
        break;
      case 'M':
        manifest = decodeJson(payload, manifestSchema);
        break;
      default:
        assertNever(kind);
    }
  }
  if (header === undefined || manifest === undefined) throw damaged();
  requireWhole(manifest, loaded, input.tables);
  await setSequences(tx, manifest);
  const rows = Object.values(loaded).reduce((total, sum) => total + sum.rows, 0);
  return { createdAt: header.createdAt, tables: input.tables.length, rows };
}

async function startTable(
  tx: OwnerTx,
  payload: Buffer,
  tables: readonly Table[],
): Promise<Loading> {
  const { table, columns } = decodeJson(payload, tableSchema);
  const known = tables.find(({ name }) => name === table);
  if (known === undefined) throw damaged();
  const foreign = columns.find((column) => !known.columns.includes(column));
  if (foreign !== undefined) {
    throw new AppError(
      'conflict',
      `table ${table} of the backup has a column ${foreign}, which is not the panel's: add it to ` +
        'an empty database (npx panelwright migrate makes one), and restore into that',
    );
  }
  const sink = await tx`copy ${tx(table)} (${tx(columns)}) from stdin`.writable();
  const loading: Loading = { name: table, sink, hash: createHash('sha256'), failure: undefined };
  sink.on('error', (error) => {
    loading.failure ??= error;
  });
  return loading;
}

async function writeRows(loading: Loading | undefined, rows: Buffer): Promise<void> {
  if (loading === undefined) throw damaged();
  loading.hash.update(rows);
  await new Promise<void>((resolve, reject) => {
    loading.sink.write(rows, (error) => (error ? reject(loading.failure ?? error) : resolve()));
  });
}

/**
 * Ends a table's COPY once its rows are known to be those that were written. postgres.js answers a
 * COPY that fails at its end with nothing at all, so the statement after it tells.
 */
async function endTable(tx: OwnerTx, loading: Loading, payload: Buffer): Promise<TableSum> {
  const sum = decodeJson(payload, tableEndSchema);
  if (loading.hash.digest('hex') !== sum.sha256) throw damaged();
  loading.sink.end();
  await nextTurn();
  try {
    await tx`select 1`;
  } catch (cause) {
    const message = `the database refused the rows of table ${loading.name}`;
    throw new AppError('invalid_input', message, { cause: loading.failure ?? cause });
  }
  return sum;
}

function requireWhole(
  manifest: BackupManifest,
  loaded: Readonly<Record<string, TableSum>>,
  tables: readonly Table[],
): void {
  const isWhole = tables.every(({ name }) => {
    const sum = loaded[name];
    const told = manifest.tables[name];
    return sum !== undefined && sum.sha256 === told?.sha256 && sum.rows === told.rows;
  });
  if (!isWhole) throw damaged();
}

async function setSequences(tx: OwnerTx, manifest: BackupManifest): Promise<void> {
  for (const [name, value] of Object.entries(manifest.sequences)) {
    await tx`select setval(quote_ident(${name})::regclass, ${value}::bigint)`;
  }
}
