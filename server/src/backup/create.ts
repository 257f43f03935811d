import { AppError, type Clock, createSum, writePacked, writeWhole } from '../base/index.ts';
import { type DatabaseTarget, isSpread } from '../db/index.ts';
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
  type Place,
  readMigrations,
  readSequences,
  readTables,
  type Table,
} from './tables.ts';

const frameBytes = 65_536;

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
  const progress: Progress = { manifest: { tables: {}, sequences: {} }, rows: 0 };
  const place = { target, isCluster: await isSpread(target) };
  const tables = await listTables(place);
  try {
    await writeWhole(file, async (partial) => {
      const mode = 'isolation level repeatable read read only';
      await ownerTransaction({ ...place, mode }, async (tx) => {
        // The first look at data, and with it the snapshot, comes after the locks: no migration can
        // slip in between the snapshot and a table's turn.
        await lockForSnapshot(tx, { ...place, tables, signal });
        await requireSameTables(tx, tables);
        await writePacked(partial, dump(tx, { createdAt, tables, progress }), signal);
      });
      return { path: file };
    });
  } catch (error) {
    throw explainFile(error, file);
  }
  return { createdAt, tables: tables.length, rows: progress.rows };
}

async function listTables(place: Place): Promise<Table[]> {
  const tables = await ownerTransaction({ ...place, mode: 'read only' }, readTables);
  if (tables.length > 0) return tables;
  throw new AppError(
    'not_found',
    'there is no panel in this database; check PANELWRIGHT_DATA_DIR or DATABASE_URL',
  );
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
  for (const { name, value } of sequences) {
    if (value !== null) progress.manifest.sequences[name] = value.toString();
  }
  yield encodeJson('M', progress.manifest);
}

async function* dumpRows(tx: OwnerTx, table: Table): AsyncGenerator<Buffer, TableSum> {
  const rows = copyOut(tx`copy (select ${tx(table.columns)} from ${tx(table.name)}) to stdout`);
  const sum = createSum();
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  for await (const row of rows) {
    // COPY escapes line breaks inside values, so each line that ends is one row.
    sum.add(row);
    gathered.push(row);
    gatheredBytes += row.length;
    if (gatheredBytes < frameBytes) continue;
    yield* encodeData(Buffer.concat(gathered));
    gathered = [];
    gatheredBytes = 0;
  }
  yield* encodeData(Buffer.concat(gathered));
  return sum.end();
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
