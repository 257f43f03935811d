import type { DatabaseTarget } from '../src/db/index.ts';

/** The database every test file of this run clones. */
export const templateName = `panelwright_template_${process.pid}`;

/** A target as a URL, so that it can be handed to another process. */
export function serverUrl(target: DatabaseTarget): string {
  if ('url' in target) return target.url;
  const { user, password, database, port } = target;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const query = `host=${encodeURIComponent(target.host)}`;
  return `postgres://${login}@localhost:${port}/${database}?${query}`;
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
