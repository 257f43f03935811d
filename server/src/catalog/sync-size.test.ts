import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { list, listedRow, makeProvider } from '../../tests/listings.ts';
import type { Db } from '../db/index.ts';
import { importServices } from './index.ts';

// A large catalog: what it costs is counted in statements, which no machine makes slow, and told in
// seconds.

const servicesCount = 10_000;
const name = 'Followers '.padEnd(300, '★');

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

function catalog(rate: string, count = servicesCount) {
  return Array.from({ length: count }, (_, at) =>
    listedRow(at + 1, { name, category: `Category ${Math.floor(at / 100)}`, rate }),
  );
}

/** How many statements the work sends. */
async function counted(work: (db: Db) => Promise<unknown>): Promise<number> {
  let statements = 0;
  const db = panel.app.db.withPlugin({
    transformQuery: ({ node }) => {
      statements += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const startMs = performance.now();
  await work(db);
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(2);
  const rss = Math.round(process.memoryUsage().rss / 1_048_576);
  process.stdout.write(`${statements} statements, ${seconds} s, ${rss} MiB resident\n`);
  return statements;
}

test('ten thousand services are imported and synced in a few dozen statements', async () => {
  const app = { ...panel.app };
  for (const count of [10, servicesCount]) {
    const providerId = await makeProvider(panel);
    const first = catalog('1', count);
    const stored = await counted((db) => list({ app: { ...app, db } }, providerId, ...first));
    const imported = await counted((db) =>
      importServices({ ...app, db }, staff, { providerId, markupBasisPoints: 2_000 }),
    );
    const next = catalog('1.1', count);
    const synced = await counted((db) => list({ app: { ...app, db } }, providerId, ...next));
    const again = await counted((db) => list({ app: { ...app, db } }, providerId, ...next));
    assert(stored <= 20 && imported <= 20 && synced <= 40 && again <= 30);
  }
  const { rows } = await sql<{ count: bigint }>`
    select count(*) from services where rate = 132000`.execute(panel.app.db);
  assert.equal(rows[0]?.count, BigInt(servicesCount + 10));
});
