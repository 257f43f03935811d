import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../src/base/index.ts';
import { connect, type Database, distribute, migrate } from '../src/db/index.ts';
import { splitStatements } from '../src/db/statements.ts';
import { tableKinds } from '../src/db/table-kinds.ts';
import { verify } from '../src/system/index.ts';
import { makeVersion, readContents, readShipped } from '../trials/upgrade/versions.ts';
import { cloneDatabase, dropDatabase, isSpread } from './harness.ts';

// Tests of one database, one after the other: as the first release that could be spread over a
// cluster left it, with rows of all tables whose data a migration has changed since.

const firstThatSpreads = '0040_months.sql';
const onlyInCluster = { skip: !isSpread && 'the server of this run is no cluster' };

let url: string;
let owner: Database;
let fresh: string;
before(async () => {
  if (!isSpread) return;
  const shipped = await readShipped();
  url = await makeVersion(shipped.filter(({ name }) => name <= firstThatSpreads));
  await distribute({ url });
  owner = connect({ url }, { connectionsMax: 1, asOwner: true });
  fresh = await cloneDatabase();
});
after(async () => {
  if (!isSpread) return;
  await owner.close();
  await dropDatabase(url);
  await dropDatabase(fresh);
});

test(
  'a panel that is spread over a cluster takes later migrations with its rows',
  onlyInCluster,
  async () => {
    const shipped = await readShipped();
    const rows = await readContents(url);
    assert.deepEqual(
      await migrate({ url }, systemClock),
      shipped.map(({ name }) => name).filter((name) => name > firstThatSpreads),
    );
    const migrated = await readContents(url, rows);
    for (const [table, before] of rows) {
      assert.deepEqual(sorted(migrated.get(table) ?? []), sorted(before), table);
    }
    await requirePlaced();
    await requireBooks();
  },
);

test('tables of later migrations are put into their places', onlyInCluster, async () => {
  // These make tables that the others do without.
  const names = [
    '0011_recent_calls.sql',
    '0016_notices.sql',
    '0033_restores.sql',
    '0034_backups.sql',
  ];
  await owner.sql.unsafe('drop table recent_calls, notices, restores, backups');
  await owner.sql`delete from migrations where name = any(${names}::text[])`;
  assert.deepEqual(await migrate({ url }, systemClock), names);
  await requirePlaced();
  await requireBooks();
});

test(
  'a start puts tables into their places that one before had no time to',
  onlyInCluster,
  async () => {
    const shipped = await readShipped();
    const made = shipped.find(({ name }) => name === '0033_restores.sql');
    await owner.sql.unsafe('drop table restores');
    for (const statement of splitStatements(made?.text ?? '')) await owner.sql.unsafe(statement);
    await assert.rejects(requirePlaced);
    assert.deepEqual(await migrate({ url }, systemClock), []);
    await requirePlaced();
    const constraints = await readConstraints();
    await migrate({ url }, systemClock);
    assert.deepEqual(await readConstraints(), constraints, 'what is in its place stays as it is');
  },
);

/** Every table is where the plan says, with what one of a new panel in a cluster has. */
async function requirePlaced(): Promise<void> {
  const places = await owner.sql<{ name: string; kind: string }[]>`
    select c.relname as name, case when p.partmethod = 'h' then 'distributed'
      when p.repmodel = 't' then 'reference' else 'local' end as kind
    from pg_class c left join pg_dist_partition p on p.logicalrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition`;
  assert.deepEqual(
    new Map(places.map(({ name, kind }) => [name, kind])),
    new Map(Object.entries(tableKinds).map(([name, { kind }]) => [name, kind])),
  );
  assert.deepEqual(await readDefinitions(url), await readDefinitions(fresh));
}

async function requireBooks(): Promise<void> {
  const server = connect({ url }, { connectionsMax: 2, isCluster: true });
  try {
    assert.deepEqual((await verify(server.db)).broken, []);
  } finally {
    await server.close();
  }
}

async function readConstraints(): Promise<string[]> {
  const rows = await owner.sql<{ constraint: string }[]>`
    select oid || ' ' || conname as constraint from pg_constraint
    where connamespace = 'public'::regnamespace order by oid`;
  return rows.map((row) => row.constraint);
}

/** Constraints and indexes of all tables but the parts by months, whose names tell the time. */
async function readDefinitions(of: string): Promise<string[]> {
  const database = connect({ url: of }, { connectionsMax: 1, asOwner: true });
  try {
    const rows = await database.sql<{ text: string }[]>`
      select c.relname || ': ' || d.text as text from pg_class c, lateral (
        select conname || ' ' || pg_get_constraintdef(oid) as text from pg_constraint
          where conrelid = c.oid
        union all
        select pg_get_indexdef(indexrelid) from pg_index where indrelid = c.oid) d
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and not c.relispartition
      order by 1`;
    return rows.map(({ text }) => text);
  } finally {
    await database.close();
  }
}

function sorted(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();
}
