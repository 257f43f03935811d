import { lchownSync, statSync } from 'node:fs';

/**
 * Hands what was made in a folder to that folder's owner, where root has made it: a command run as
 * root once must not lock out the user whose panel it is. A link is handed over itself, and not
 * what it leads to: in his own folder a user could point it anywhere.
 */
export function giveToOwner(path: string, folder: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(folder);
  lchownSync(path, uid, gid);
}
