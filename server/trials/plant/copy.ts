import { execFile } from 'node:child_process';
import { copyFile, link, mkdir, mkdtemp, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The repository that mistakes are planted in a copy of. */
const root = fileURLToPath(new URL('../../..', import.meta.url));

const moduleFolders = ['node_modules', 'server/node_modules'];
const gitOutputMax = 16 * 1024 * 1024;

/** Copies the repository as it is now, with its modules as hard links. */
export async function copyRepository(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'panelwright-plant-'));
  const listing = ['ls-files', '-co', '--exclude-standard', '-z'];
  const options = { cwd: root, maxBuffer: gitOutputMax };
  const { stdout } = await promisify(execFile)('git', listing, options);
  for (const file of stdout.split('\0').filter((name) => name !== '')) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file that is deleted and not committed yet is listed, too.
    await copyFile(join(root, file), join(folder, file)).catch(ignoreMissing);
  }
  for (const modules of moduleFolders) await linkFolder(join(root, modules), join(folder, modules));
  // Some tests ask git what belongs to the repository.
  await promisify(execFile)('git', ['init', '--quiet'], { cwd: folder });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      if (entry.name !== '.cache') await linkFolder(source, target);
    } else if (entry.isSymbolicLink()) {
      await symlink(await readlink(source), target);
    } else {
      await link(source, target).catch(() => copyFile(source, target));
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
