import { createHash } from 'node:crypto';
import {
  type BackupManifest,
  type BackupSummary,
  damaged,
  decodeJson,
  type Frame,
  headerSchema,
  manifestSchema,
  type TableSum,
  tableEndSchema,
  tableSchema,
} from './format.ts';
import { readFrames } from './read.ts';

/**
 * Reads a backup to its end, without a database: every table has the rows and the checksum that the
 * file says, and the file ends as it was written.
 * @throws AppError `invalid_input` for a file that is missing, no backup, damaged or cut short; the
 *   signal's reason when it is given up
 */
export async function checkBackup(file: string, signal?: AbortSignal): Promise<BackupSummary> {
  const frames = readFrames(file);
  const first = await frames.next();
  if (first.done || first.value.kind !== 'H') throw damaged();
  const { createdAt } = decodeJson(first.value.payload, headerSchema);
  const { found, manifest } = await readTablesOf(frames, signal);
  const told = Object.entries(manifest.tables);
  const isWhole = told.every(
    ([name, sum]) => found[name]?.sha256 === sum.sha256 && found[name].rows === sum.rows,
  );
  if (!isWhole || told.length !== Object.keys(found).length) throw damaged();
  const rows = told.reduce((total, [, sum]) => total + sum.rows, 0);
  return { createdAt, tables: told.length, rows };
}

type Contents = { found: Record<string, TableSum>; manifest: BackupManifest };

async function readTablesOf(frames: AsyncIterable<Frame>, signal?: AbortSignal): Promise<Contents> {
  const found: Record<string, TableSum> = {};
  let manifest: BackupManifest | undefined;
  let table: string | undefined;
  let hash = createHash('sha256');
  for await (const { kind, payload } of frames) {
    signal?.throwIfAborted();
    const isInTable = kind === 'D' || kind === 'E';
    if (manifest !== undefined || isInTable !== (table !== undefined)) throw damaged();
    if (kind === 'D') hash.update(payload);
    else if (kind === 'M') manifest = decodeJson(payload, manifestSchema);
    else if (kind === 'T') {
      table = decodeJson(payload, tableSchema).table;
      hash = createHash('sha256');
    } else if (kind === 'E' && table !== undefined) {
      const sum = decodeJson(payload, tableEndSchema);
      if (hash.digest('hex') !== sum.sha256) throw damaged();
      found[table] = sum;
      table = undefined;
    } else throw damaged();
  }
  if (manifest === undefined) throw damaged();
  return { found, manifest };
}
