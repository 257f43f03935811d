import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream, rmSync } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Between a file's name and what tells one that is not whole from another. */
const partialMark = '.partial-';
const newline = 0x0a;

/**
 * Has a file written under another name by `write`, which says at what path it is to stand, instead
 * of any other there, and gives it that once it is whole. Nothing is left of one that is not, also
 * when the process is told to end in the middle.
 */
export async function writeWhole<T extends { path: string }>(
  near: string,
  write: (partial: string) => Promise<T>,
): Promise<T> {
  const partial = `${near}${partialMark}${randomBytes(6).toString('hex')}`;
  const remove = () => rmSync(partial, { force: true });
  process.once('exit', remove);
  try {
    const written = await write(partial);
    await rename(partial, written.path);
    await syncFolder(dirname(written.path));
    return written;
  } finally {
    process.removeListener('exit', remove);
    remove();
  }
}

/** Packs bytes into a new file, in constant memory, and onto the disk. The signal gives it up. */
export async function writePacked(
  path: string,
  bytes: AsyncIterable<Buffer>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const disk = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  await pipeline(Readable.from(bytes), createGzip(), disk, { signal });
}

/**
 * A file's name is on disk only when its folder is. Some systems can't do that with a folder, by
 * the same answers that PostgreSQL takes for it.
 */
async function syncFolder(dir: string): Promise<void> {
  try {
    const folder = await open(dir, 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!['EACCES', 'EBADF', 'EINVAL', 'EISDIR'].includes(code)) throw error;
  }
}

/**
 * Removes from a folder what processes that died left half written of files with such names. Who
 * wrote after the moment still does; without one, nobody does.
 */
export async function removePartials(
  dir: string,
  { names, before }: { names: RegExp; before?: Date },
): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const [whole = ''] = name.split(partialMark);
    if (whole === name || !names.test(whole)) continue;
    const path = join(dir, name);
    const isOld = before === undefined || (await stat(path)).mtimeMs < before.getTime();
    if (isOld) await rm(path, { force: true });
  }
}

/** Sums up lines, as they come in pieces of any size: how many there are, and their checksum. */
export function createSum() {
  const hash = createHash('sha256');
  let rows = 0;
  return {
    add: (bytes: Buffer): void => {
      hash.update(bytes);
      for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1))
        rows += 1;
    },
    end: () => ({ rows, sha256: hash.digest('hex') }),
  };
}
