import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { AppError, type Clock } from '../base/index.ts';
import { connect, type DatabaseTarget } from '../db/index.ts';
import {
  type BackupManifest,
  type BackupSummary,
  encodeFrame,
  encodeJson,
  frameBytesMax,
  magic,
  type TableSum,
} from './format.ts';
import { readMonths } from './months.ts';
import { lockForSnapshot } from './snapshot.ts';
import {
  copyOut,
  type OwnerTx,
  ownerTransaction,
  readMigrations,
  readSequences,
  readTables,
  type Table,
} from './tables.ts';

/** Between a file's name and what tells one that is not whole from another. */
export const partialMark = '.partial-';
const frameBytes = 65_536;
const newline = 0x0a;

type Progress = { manifest: BackupManifest; rows: number };

/**
 * Writes every table of one snapshot into a file, beside a working server and in constant memory.
 * The file takes its name only when it is whole and on disk, replacing an older one of that name.
 * The signal gives it up, and leaves nothing behind.
 * @throws AppError `not_found` for a database without a panel, `invalid_input` when the file can't
 *   be written, `conflict` when the schema changes at this moment
 */
export async function createBackup(input: {
  target: DatabaseTarget;
  file: string;
  clock: Clock;
  signal?: AbortSignal | undefined;
}): Promise<BackupSummary> {
  const { target, file, signal } = input;
  const createdAt = input.clock.now().toISOString();
  const partial = `${file}${partialMark}${randomBytes(6).toString('hex')}`;
  const progress: Progress = { manifest: { tables: {}, sequences: {} }, rows: 0 };
  const expected = await listTables(target);
  const removePartial = () => rmSync(partial, { force: true });
  // Also when the process is told to end in the middle.
  process.once('exit', removePartial);
  try {
    await ownerTransaction(
      { target, mode: 'isolation level repeatable read read only' },
      async (tx) => {
        // The first look at data, and with it the snapshot, comes after the locks: no migration can
        // slip in between the snapshot and a table's turn.
        await lockForSnapshot(tx, { target, tables: expected });
        await requireSameTables(tx, expected);
        const frames = Readable.from(dump(tx, { createdAt, tables: expected, progress }));
        const disk = createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true });
        await pipeline(frames, createGzip(), disk, { signal });
      },
    );
    await rename(partial, file);
  } catch (error) {
    removePartial();
    throw explainFile(error, file);
  } finally {
    process.removeListener('exit', removePartial);
  }
  return { createdAt, tables: expected.length, rows: progress.rows };
}

async function listTables(target: DatabaseTarget): Promise<Table[]> {
  const database = connect(target, { connectionsMax: 1, asOwner: true });
  try {
    const tables = await database.sql.begin('read only', readTables);
    if (tables.length > 0) return tables;
    throw new AppError(
      'not_found',
      'there is no panel in this database; check PANELWRIGHT_DATA_DIR or DATABASE_URL',
    );
  } finally {
    await database.close();
  }
}

async function requireSameTables(tx: OwnerTx, expected: readonly Table[]): Promise<void> {
  if (JSON.stringify(await readTables(tx)) !== JSON.stringify(expected)) {
    throw new AppError('conflict', 'the schema is being migrated; run the backup again');
  }
}

async function* dump(
  tx: OwnerTx,
  input: { createdAt: string; tables: readonly Table[]; progress: Progress },
): AsyncGenerator<Buffer> {
  const { createdAt, tables, progress } = input;
  yield magic;
  const migrations = await readMigrations(tx);
  yield encodeJson('H', { createdAt, migrations, months: await readMonths(tx) });
  for (const table of tables) {
    yield encodeJson('T', { table: table.name, columns: table.columns });
    const sum = yield* dumpRows(tx, table);
    yield encodeJson('E', sum);
    progress.manifest.tables[table.name] = sum;
    progress.rows += sum.rows;
  }
  // Read after the snapshot was taken, so no row of it has a number that is still to be given out.
  const sequences = await readSequences(tx);
  for (const { name, value } of sequences) progress.manifest.sequences[name] = value.toString();
  yield encodeJson('M', progress.manifest);
}

async function* dumpRows(tx: OwnerTx, table: Table): AsyncGenerator<Buffer, TableSum> {
  const rows = copyOut(tx`copy (select ${tx(table.columns)} from ${tx(table.name)}) to stdout`);
  const hash = createHash('sha256');
  let count = 0;
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  for await (const row of rows) {
    hash.update(row);
    count += countLines(row);
    gathered.push(row);
    gatheredBytes += row.length;
    if (gatheredBytes < frameBytes) continue;
    yield* encodeData(Buffer.concat(gathered));
    gathered = [];
    gatheredBytes = 0;
  }
  yield* encodeData(Buffer.concat(gathered));
  return { rows: count, sha256: hash.digest('hex') };
}

/** COPY escapes line breaks inside values, so each line that ends is one row. */
function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count += 1;
  return count;
}

function* encodeData(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += frameBytesMax) {
    yield encodeFrame('D', bytes.subarray(at, at + frameBytesMax));
  }
}

function explainFile(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isFileError = ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOSPC', 'EROFS'].includes(code);
  if (!isFileError || !(error instanceof Error)) return error;
  const message = `cannot write the backup ${file}: ${error.message}`;
  return new AppError('invalid_input', message, { cause: error });
}
