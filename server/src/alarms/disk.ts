import { statfs } from 'node:fs/promises';
import type { ConditionSource } from './watch.ts';

const percentMin = 10n;
const bytesMin = 1_024n ** 3n;

/** Tells when the disk of a folder has less than a tenth and less than 1 GiB left. */
export function diskSource(
  folder: string,
  read: (path: string, options: { bigint: true }) => Promise<Disk> = statfs,
): ConditionSource {
  const name = 'disk_nearly_full';
  const look = async () => {
    const { bavail, blocks, bsize } = await read(folder, { bigint: true });
    const free = bavail * bsize;
    if (bavail * 100n >= blocks * percentMin || free >= bytesMin) return [];
    const detail = `${free / 1_024n ** 2n} MiB are left`;
    return [{ name, subject: '', detail }];
  };
  return { name, read: look };
}

type Disk = { bavail: bigint; blocks: bigint; bsize: bigint };
