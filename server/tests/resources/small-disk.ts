import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own, as small as a test wants it. */
export type SmallDisk = {
  path: string;
  /** Takes all the room that is left. */
  fill: () => void;
  /** Gives it back. */
  free: () => void;
  setReadOnly: (isReadOnly: boolean) => void;
  remove: () => void;
};

const chunk = Buffer.alloc(1024 * 1024);

/** Why there can be no such disk here; undefined where there can. */
export const noSmallDisk = findReason();

/** Mounts an empty disk, which everybody may pass through. */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'panelwright-disk-'));
  const options = `size=${megabytes}m,mode=711`;
  run('mount', '-t', 'tmpfs', '-o', options, 'panelwright-test', path);
  const filler = join(path, 'filler');
  return {
    path,
    fill: () => {
      const file = openSync(filler, 'a');
      try {
        for (;;) writeSync(file, chunk);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    setReadOnly: (isReadOnly) => run('mount', '-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, path),
    remove: () => {
      run('umount', path);
      rmdirSync(path);
    },
  };
}

function findReason(): string | undefined {
  if (process.platform !== 'linux') return 'a disk is mounted in Linux’s way';
  if (process.geteuid?.() !== 0) return 'only root can mount a disk';
  try {
    mountSmallDisk(1).remove();
    return undefined;
  } catch {
    return 'this machine’s root may not mount a disk';
  }
}

function run(file: string, ...args: string[]): void {
  execFileSync(file, args, { stdio: 'pipe' });
}
