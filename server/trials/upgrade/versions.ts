import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { applicationRole, connect, type Database } from '../../src/db/index.ts';
import { createEmptyDatabase } from '../../tests/harness.ts';
import { seeds } from './seeds.ts';

const folder = new URL('../../migrations/', import.meta.url);

/** A migration as a release shipped it. */
export type Shipped = { name: string; text: string };

/** All of them, in order; the version of a schema is the last one that it has. */
export async function readShipped(): Promise<Shipped[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(new URL(name, folder), 'utf8') })),
  );
}

/** The owner of a database, with one connection. */
export function openOwner(url: string): Database {
  return connect({ url }, { connectionsMax: 1, asOwner: true });
}

/**
 * Makes a database as the release with these migrations left it, with data: each table is filled
 * as soon as it is there, so that later migrations found rows in it.
 */
export async function makeVersion(shipped: readonly Shipped[]): Promise<string> {
  const url = await createEmptyDatabase();
  const owner = openOwner(url);
  try {
    // The template's migrations have made the role, which is the whole server's.
    await owner.sql.unsafe(`create table migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null);
      grant select on migrations to ${applicationRole}`);
    for (const { name, text } of shipped) {
      const checksum = createHash('sha256').update(text).digest('hex');
      await owner.sql.begin(async (tx) => {
        await tx.unsafe(text).simple();
        await tx`insert into migrations values (${name}, ${checksum}, '2026-01-01T00:00:00Z')`;
        const seed = seeds[name];
        if (seed !== undefined) await tx.unsafe(seed).simple();
      });
    }
  } finally {
    await owner.close();
  }
  return url;
}

/** Every table's rows, each as the values of its columns. */
export type Contents = Map<string, Record<string, string | null>[]>;

/** Reads all rows, of some tables' columns alone when they are given. */
export async function readContents(url: string, like?: Contents): Promise<Contents> {
  const owner = openOwner(url);
  try {
    const tables = await owner.sql<{ name: string }[]>`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relname <> 'migrations'
        and relkind in ('r', 'p') and not relispartition`;
    const contents: Contents = new Map();
    for (const { name } of tables) {
      const columns = like === undefined ? undefined : Object.keys(like.get(name)?.[0] ?? {});
      // The nodes of a cluster send rows as they are; they are taken apart here.
      const rows = await owner.sql<{ row: Record<string, string | null> }[]>`
        with t as materialized (select * from ${owner.sql(name)})
        select (select jsonb_object_agg(key, value)
          from jsonb_each_text(to_jsonb(t))
          where ${columns === undefined ? owner.sql`true` : owner.sql`key = any(${columns})`}
        ) as row from t`;
      contents.set(
        name,
        rows.map(({ row }) => row ?? {}),
      );
    }
    return contents;
  } finally {
    await owner.close();
  }
}
