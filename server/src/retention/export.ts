import { createReadStream } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { assert, createSum, giveToOwner, writePacked, writeWhole } from '../base/index.ts';
import type { Database } from '../db/index.ts';
import { keyOf, type Part } from './rules.ts';

/** A month on disk. The checksum is of the lines, not of the compressed file. */
export type Exported = { file: string; fileBytes: bigint; rows: bigint; sha256: string };

type Sum = { rows: number; sha256: string };

const rowsPerFetch = 1_000;
const copiesMax = 1_000;
/** How months are called, each a file. */
export const fileNames = /\.ndjson\.gz$/;

/**
 * Writes all rows of a part into a gzip file of the folder, a JSON object a line, in the order of
 * the key; the file has its name only once it is whole, on disk, and was read again to its end. One
 * that is there with the same rows is taken as it is, one with other rows stays beside it.
 */
export async function exportPart(
  owner: Database,
  part: Part,
  { dir, leaving: signal }: { dir: string; leaving: AbortSignal | undefined },
): Promise<Exported> {
  const made = await mkdir(dir, { recursive: true, mode: 0o700 });
  if (made !== undefined) giveToOwner(dir, dirname(dir));
  const name = nameOfFile(part);
  const { path, sum } = await writeWhole(join(dir, name), async (partial) => {
    const written = createSum();
    await writePacked(partial, readLines(owner, part, written), signal);
    const sum = written.end();
    await requireSame(partial, sum, signal);
    giveToOwner(partial, dir);
    return { path: await findPath(dir, name, sum), sum };
  });
  const { size } = await stat(path);
  return { ...sum, file: basename(path), fileBytes: BigInt(size), rows: BigInt(sum.rows) };
}

function nameOfFile({ history, from, until }: Part): string {
  const month = (from ?? until).toISOString().slice(0, 7);
  return `${history}-${from === null ? 'before-' : ''}${month}.ndjson.gz`;
}

/** The rows as lines, gathered, in constant memory. Numbers have all of their digits. */
async function* readLines(
  { sql }: Database,
  part: Part,
  sum: ReturnType<typeof createSum>,
): AsyncGenerator<Buffer> {
  const rows = sql<{ line: string }[]>`
    select row_to_json(t)::text as line from ${sql(part.name)} t
    order by ${sql(keyOf(part.history))}`.cursor(rowsPerFetch);
  for await (const fetched of rows) {
    const bytes = Buffer.from(fetched.map(({ line }) => `${line}\n`).join(''));
    sum.add(bytes);
    yield bytes;
  }
}

async function readSum(file: string, signal?: AbortSignal): Promise<Sum> {
  const sum = createSum();
  const addAll = async (lines: AsyncIterable<Buffer>) => {
    for await (const bytes of lines) sum.add(bytes);
  };
  await pipeline(createReadStream(file), createGunzip(), addAll, { signal });
  return sum.end();
}

async function requireSame(file: string, expected: Sum, signal?: AbortSignal): Promise<void> {
  const found = await readSum(file, signal);
  const isSame = found.rows === expected.rows && found.sha256 === expected.sha256;
  assert(isSame, `${file} has the rows that were written`);
}

/** Where a file of the name goes, or with a number where it is taken by a file with other rows. */
async function findPath(dir: string, name: string, sum: Sum): Promise<string> {
  for (let copy = 1; copy <= copiesMax; copy += 1) {
    const file = copy === 1 ? name : name.replace('.ndjson', `-${copy}.ndjson`);
    const path = join(dir, file);
    const isFree = await access(path).then(
      () => false,
      () => true,
    );
    if (isFree) return path;
    const found = await readSum(path).catch(() => undefined);
    if (found?.sha256 === sum.sha256) return path;
  }
  throw new Error(`${dir} has ${copiesMax} files of the name ${name}`);
}
