import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLog } from '../src/base/index.ts';
import { makeCustomer, makeService } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

const logged: string[] = [];
const log = createLog('debug', { write: (line) => logged.push(line) });

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel({ log });
});
after(() => panel.close());

test('a key is in no log and in no table, also when a call crashes', async () => {
  const { key } = await makeCustomer(panel);
  const service = await makeService(panel);
  const order = { service, link: 'https://example.com/a', quantity: 100 };
  await panel.call({ key, action: 'add', ...order });
  await panel.call({ key: `${key}x`, action: 'balance' });
  await panel.owner.sql`alter table orders rename to orders_away`;
  const url = `${panel.url}/api/v2?key=${key}`;
  const body = new URLSearchParams({ action: 'add', service: String(service), ...fields(order) });
  const response = await fetch(url, { method: 'POST', body, headers: { 'X-Api-Key': key } });
  assert.equal(response.status, 500);
  assert.equal(await response.text(), '{"error":"Internal error"}');
  assert.equal(response.headers.get('content-type'), 'application/json; charset=UTF-8');
  await panel.owner.sql`alter table orders_away rename to orders`;

  const secret = key.slice(10);
  const crash = logged.find((line) => line.includes('an API call failed')) ?? '';
  assert.match(crash, /relation \\"orders\\" does not exist/);
  assert.deepEqual(
    logged.filter((text) => text.includes(secret)),
    [],
  );
  const dump = await dumpTables();
  assert(dump.includes('https://example.com/a'));
  assert(!dump.includes(secret));
});

test('a crashed call left nothing half done', () => panel.verify());

function fields(order: object): Record<string, string> {
  return Object.fromEntries(Object.entries(order).map(([name, value]) => [name, String(value)]));
}

/** Every row of every table as text. */
async function dumpTables(): Promise<string> {
  const tables = await panel.owner.sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  const rows = await Promise.all(
    tables.map(({ name }) => panel.owner.sql.unsafe(`select t::text as row from ${name} t`)),
  );
  return rows.flatMap((list) => list.map((row) => String(row.row))).join('\n');
}
