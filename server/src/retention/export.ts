import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { assert, giveToOwner } from '../base/index.ts';
import type { Database } from '../db/index.ts';
import { keyOf, type Part } from './rules.ts';

/** A month on disk. The checksum is of the lines, not of the compressed file. */
export type Exported = { file: string; fileBytes: bigint; rows: bigint; sha256: string };

type Sum = { rows: bigint; sha256: string };

const rowsPerFetch = 1_000;
const newline = 0x0a;
const partialMark = '.partial-';
const copiesMax = 1_000;

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
  const partial = join(dir, `${name}${partialMark}${randomBytes(6).toString('hex')}`);
  try {
    const written = createSum();
    await pipeline(
      Readable.from(readLines(owner, part)),
      written.pass,
      createGzip(),
      createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }),
      { signal },
    );
    const sum = written.end();
    await requireSame(partial, sum, signal);
    giveToOwner(partial, dir);
    const file = await findName(dir, name, sum);
    await rename(partial, join(dir, file));
    await syncFolder(dir);
    const { size } = await stat(join(dir, file));
    return { file, fileBytes: BigInt(size), ...sum };
  } finally {
    await rm(partial, { force: true });
  }
}

/** Removes what a process that died has left half written. One at a time writes there. */
export async function removePartial(dir: string): Promise<void> {
  const names = await readdir(dir).catch(() => []);
  const left = names.filter((name) => name.includes(`.ndjson.gz${partialMark}`));
  await Promise.all(left.map((name) => rm(join(dir, name), { force: true })));
}

function nameOfFile({ history, from, until }: Part): string {
  const month = (from ?? until).toISOString().slice(0, 7);
  return `${history}-${from === null ? 'before-' : ''}${month}.ndjson.gz`;
}

/** The rows as lines, gathered, in constant memory. Numbers have all of their digits. */
async function* readLines({ sql }: Database, part: Part): AsyncGenerator<Buffer> {
  const rows = sql<{ line: string }[]>`
    select row_to_json(t)::text as line from ${sql(part.name)} t
    order by ${sql(keyOf(part.history))}`.cursor(rowsPerFetch);
  for await (const fetched of rows) {
    yield Buffer.from(fetched.map(({ line }) => `${line}\n`).join(''));
  }
}

/** Sums up what passes: how many lines, and their checksum. */
function createSum() {
  const hash = createHash('sha256');
  let rows = 0n;
  const add = (bytes: Buffer) => {
    hash.update(bytes);
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1))
      rows += 1n;
  };
  return {
    pass: async function* (source: AsyncIterable<Buffer>) {
      for await (const bytes of source) {
        add(bytes);
        yield bytes;
      }
    },
    add,
    end: (): Sum => ({ rows, sha256: hash.digest('hex') }),
  };
}

async function readSum(file: string, signal?: AbortSignal): Promise<Sum> {
  const sum = createSum();
  const sink = new Writable({
    write: (bytes: Buffer, _encoding, done) => {
      sum.add(bytes);
      done();
    },
  });
  await pipeline(createReadStream(file), createGunzip(), sink, { signal });
  return sum.end();
}

async function requireSame(file: string, expected: Sum, signal?: AbortSignal): Promise<void> {
  const found = await readSum(file, signal);
  const isSame = found.rows === expected.rows && found.sha256 === expected.sha256;
  assert(isSame, `${file} has the rows that were written`);
}

/** The name itself, or with a number where it is taken by a file with other rows. */
async function findName(dir: string, name: string, sum: Sum): Promise<string> {
  for (let copy = 1; copy <= copiesMax; copy += 1) {
    const file = copy === 1 ? name : name.replace('.ndjson', `-${copy}.ndjson`);
    const there = join(dir, file);
    const isFree = await access(there).then(
      () => false,
      () => true,
    );
    if (isFree) return file;
    const found = await readSum(there).catch(() => undefined);
    if (found?.sha256 === sum.sha256) return file;
  }
  throw new Error(`${dir} has ${copiesMax} files of the name ${name}`);
}

/** A file's name is on disk only when its folder is. */
async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
