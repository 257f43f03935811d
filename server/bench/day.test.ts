import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { systemClock } from '../src/base/index.ts';
import { isSpread, openTestPanel } from '../tests/harness.ts';
import { makeDayCalls, openDay, seedSmallDay } from './day.ts';
import { seedLists } from './list-seed.ts';
import { type OpenCall, runOpenLoad } from './open-load.ts';

const folder = await mkdtemp(join(tmpdir(), 'panelwright-bench-test-'));
after(() => rm(folder, { recursive: true, force: true }));
const signal = AbortSignal.timeout(60_000);
// What a benchmark fills in is never a cluster, which would not take its statements.
const skip = isSpread && 'a benchmark fills the PostgreSQL that comes with the panel';
const session = { folder, signal };

test('a mixed day is answered without a refusal, and the books hold after it', {
  skip,
}, async (t) => {
  const panel = await openTestPanel({ start: systemClock.now() });
  t.after(panel.close);
  await seedSmallDay(panel, { orders: 2_000, customers: 20, services: 100 });
  await panel.app.catalog.refresh();
  const day = await openDay(panel, 20);
  const calls = makeDayCalls(day, 600);
  const url = `${panel.url}/api/v2`;
  const found = await runOpenLoad(session, { url, calls, perSecond: 1_000 });
  assert.equal(found.answered, 600);
  assert((found.kinds.status100?.count ?? 0) > 450);
  assert((found.kinds.add?.count ?? 0) > 0 && (found.kinds.services?.count ?? 0) > 0);
  await panel.verify();
});

test('a call that waits for a connection is as slow as it is late', async (t) => {
  const holdMs = 400;
  const url = await listen(t, { holdMs, reply: '{}' });
  // More than there are connections: the last ones are sent when the first are answered.
  const found = await runOpenLoad(session, { url, calls: repeat(300), perSecond: 3_000 });
  assert.equal(found.answered, 300);
  assert(found.p99Ms > 1.5 * holdMs, `${found.p99Ms}`);
});

test('a refusal fails a run, and is shown', async (t) => {
  const url = await listen(t, { holdMs: 0, reply: '{"error":"no"}' });
  const load = { url, calls: repeat(10), perSecond: 1_000 };
  await assert.rejects(runOpenLoad(session, load), /10 of 10 calls failed: held: 200 .*"no"/);
});

function repeat(count: number): OpenCall[] {
  return Array.from({ length: count }, () => ({ kind: 'held', prefix: '{', body: 'a=b' }));
}

/** A server that answers everything the same, after a while. */
async function listen(
  t: TestContext,
  { holdMs, reply }: { holdMs: number; reply: string },
): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    setTimeout(() => response.end(reply), holdMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}/`;
}

test('the books of a filled panel hold, and it has all indexes', { skip }, async (t) => {
  const panel = await openTestPanel({ start: systemClock.now() });
  t.after(panel.close);
  const indexes = () => panel.owner.sql`
    select regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \\S+', '') as is,
      indisvalid as "isValid" from pg_index
    join pg_class c on c.oid = indrelid and c.relnamespace = 'public'::regnamespace order by 1`;
  const before = await indexes();
  await seedLists(panel, { orders: 10_000, customers: 600 }, { signal, say: () => {} });
  await panel.verify();
  assert.deepEqual(await indexes(), before);
});
