import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createBackup } from '../../src/backup/index.ts';
import type { TestPanel } from '../harness.ts';

// Where a secret could have been left behind, as texts to search.

/** Every row of every table, as text; bytes are in it as hex and, where they are text, as such. */
export async function dumpTables(panel: TestPanel): Promise<string> {
  const tables = await panel.owner.sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  const rows = await Promise.all(
    tables.map(({ name }) => panel.owner.sql.unsafe(`select t::text as row from ${name} t`)),
  );
  const text = rows.flatMap((list) => list.map((row) => String(row.row))).join('\n');
  return `${text}\n${readBytes(text)}`;
}

/** A backup of the panel, unpacked. */
export async function dumpBackup(panel: TestPanel): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'panelwright-search-'));
  const file = join(dir, 'panel.backup');
  try {
    await createBackup({ target: { url: panel.databaseUrl }, file, clock: panel.clock });
    const text = gunzipSync(await readFile(file)).toString('latin1');
    return `${text}\n${readBytes(text)}`;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What bytes that PostgreSQL has printed as hex say as text. */
function readBytes(text: string): string {
  return [...text.matchAll(/\\x([0-9a-f]{8,})/g)]
    .map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1'))
    .join('\n');
}

/** The forms in which a secret is as good as in clear. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  return [
    ...[secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)],
    ...[base64, bytes.toString('base64url'), bytes.toString('hex')],
  ];
}

/** Which of these secrets stand in which of these texts, as `secret in text`. */
export function findSecrets(
  secrets: Readonly<Record<string, string>>,
  texts: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(texts).flatMap(([place, text]) =>
    Object.entries(secrets)
      .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
      .map(([name]) => `${name} in ${place}`),
  );
}
