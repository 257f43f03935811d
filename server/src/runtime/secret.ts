import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, giveToOwner } from '../base/index.ts';
import { secretLettersMin } from '../config.ts';

const fileName = 'secret';
const secretBytes = 32;

/**
 * The secret of an embedded panel: the file `secret` of the data directory, which nobody else may
 * read. The first process creates it; of two that start at once one wins, and both use that one.
 * @throws AppError `not_allowed` when the file is not ours to read, `conflict` when it is too short
 */
export async function readOrCreateSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, fileName);
  const secret = (await readIfThere(path)) ?? (await create(path, dataDir));
  if (secret.length >= secretLettersMin) return secret;
  throw new AppError('conflict', `${path} holds no secret; put back the file as it was`);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') return undefined;
    throw new AppError('not_allowed', `cannot read ${path} (${code})`, { cause });
  }
}

/** Written whole under another name first: a link appears at once, and never over an older one. */
async function create(path: string, dataDir: string): Promise<string> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  const file = await open(draft, O_CREAT | O_EXCL | O_WRONLY, 0o600);
  try {
    await file.writeFile(`${randomBytes(secretBytes).toString('base64url')}\n`);
    await file.sync();
    giveToOwner(draft, dataDir);
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  } finally {
    await file.close();
    await unlink(draft);
  }
  return (await readFile(path, 'utf8')).trim();
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
