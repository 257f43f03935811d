import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { hourMs, type OrderId } from '../../src/base/index.ts';
import {
  closeCancels,
  expireCancels,
  forwardCancels,
  resolveCancels,
} from '../../src/cancels/index.ts';
import { connect, type Db, inTransaction } from '../../src/db/index.ts';
import {
  claimDue,
  countWaiting,
  expireLeases,
  pollDue,
  readDispatchState,
  readProviderLoads,
  reconcileDue,
  rerouteDue,
} from '../../src/fulfilment/index.ts';
import { createDuePosts, createDueRuns, expireSubscriptions } from '../../src/orders/index.ts';
import type { Provider } from '../../src/providers/index.ts';
import { expireRefills, followRefills, forwardRefills } from '../../src/refills/index.ts';
import type { Plan } from '../../src/sandbox/index.ts';
import { makeCustomer } from '../factories.ts';
import { isSpread, openTestPanel, type TestPanel } from '../harness.ts';
import { deliveryOf, openUpstream, place, type Upstream } from './upstream.ts';

// A worker looks for what is due again and again, most of the time in vain. A look that reads what
// was ever delivered is not noticed on a small panel, and takes seconds on a large one.

const skip = isSpread && 'what the shards of a cluster read is counted elsewhere';
const ordersDone = 200;
const sessionsOfPanel = 4;
/** The other one is for what callers of the API read. */
const sessionsOfWork = 3;
/** The planner looks at the ends of some indexes. */
const rowsReadMax = 20;

let panel: TestPanel;
let upstream: Upstream;
let other: Upstream;
let provider: Provider;
before(async () => {
  panel = await openTestPanel({ connectionsMax: sessionsOfPanel });
  upstream = await openUpstream(panel);
  const service = await upstream.sell();
  const { key } = await makeCustomer(panel, { funds: '10000' });
  let last: OrderId | undefined;
  for (let n = 0; n < ordersDone; n += 1) {
    const link = `https://example.com/looks/${n}`;
    const plan: Plan = n % 2 === 0 ? { end: 'Completed' } : { end: 'Partial', remains: 10 };
    upstream.sandbox.plan({ link }, plan);
    last = await place(panel, { key, service, link, quantity: 100 });
  }
  while ((await upstream.forward()) > 0);
  for (let round = 0; round < 3; round += 1) {
    panel.clock.advance(2 * hourMs);
    while ((await upstream.poll()) > 0);
  }
  assert(last !== undefined);
  assert.equal((await deliveryOf(panel, last)).state, 'done');
  // Another one takes orders of a service, so there is something to look for when one is stopped.
  other = await openUpstream(panel);
  await other.sell();
  provider = await upstream.provider();
  const database = new URL(panel.databaseUrl).pathname.slice(1);
  // A small table is read whole because that is the least; a large one must have another way.
  await panel.owner.sql.unsafe(`alter database ${database} set enable_seqscan = off`);
  await panel.owner.sql.unsafe('vacuum analyze');
  await countReads(panel.app.db, sessionsOfWork);
});
after(async () => {
  await upstream.close();
  await other.close();
  await panel.close();
});

type Look = (ctx: Upstream['ctx']) => Promise<unknown>;

const ofLane: Record<string, Look> = {
  claimDue: (ctx) => claimDue(ctx, provider, 64),
  pollDue: (ctx) => pollDue(ctx, provider, 20),
  reconcileDue: (ctx) => reconcileDue(ctx, provider),
  forwardCancels: (ctx) => forwardCancels(ctx, provider, 100),
  forwardRefills: (ctx) => forwardRefills(ctx, provider, 100),
  followRefills: (ctx) => followRefills(ctx, provider, 100),
};
const ofWorker: Record<string, Look> = {
  expireLeases: (ctx) => expireLeases(ctx),
  expireRefills: (ctx) => expireRefills(ctx),
  expireCancels: (ctx) => expireCancels(ctx),
  resolveCancels: (ctx) => resolveCancels(ctx),
  closeCancels: (ctx) => closeCancels(ctx),
  createDueRuns: (ctx) => createDueRuns(ctx),
  createDuePosts: (ctx) => createDuePosts(ctx),
  expireSubscriptions: (ctx) => expireSubscriptions(ctx),
  readDispatchState: (ctx) => readDispatchState(ctx.db, ctx.clock.now()),
  readProviderLoads: (ctx) => readProviderLoads(ctx.db, ctx.clock.now()),
  countWaiting: (ctx) => countWaiting(ctx.db),
};

for (const [name, look] of Object.entries({ ...ofLane, ...ofWorker })) {
  test(`${name} reads nothing of what is done`, { skip }, () => readsLittle(look));
}

test('rerouteDue reads nothing of what is done', { skip }, () =>
  readsLittle((ctx) => rerouteDue(ctx, { ...provider, state: 'draining' })),
);

async function readsLittle(look: Look): Promise<void> {
  const { db, close } = connect({ url: panel.databaseUrl }, { connectionsMax: 1 });
  try {
    const before = await rowsRead();
    await look({ ...upstream.ctx, db });
    await countReads(db, 1);
    const read = (await rowsRead()) - before;
    assert(read <= rowsReadMax, `it read ${read} rows`);
  } finally {
    await close();
  }
}

/** Has all sessions of a pool count what they have read, which they do some seconds later. */
async function countReads(db: Db, sessions: number): Promise<void> {
  let open = 0;
  const areOpen = Promise.withResolvers<void>();
  const count = () =>
    inTransaction(db, async (tx) => {
      open += 1;
      if (open === sessions) areOpen.resolve();
      await areOpen.promise;
      await sql`select pg_stat_force_next_flush()`.execute(tx);
    });
  await Promise.all(Array.from({ length: sessions }, count));
}

/** From tables that grow with every order, or from their indexes, since the database began. */
async function rowsRead(): Promise<number> {
  const [row] = await panel.owner.sql<{ rows: number }[]>`
    with grown (name) as (values ('orders'), ('deliveries'), ('attempts'), ('transfers'),
      ('order_events_first'), ('order_events_rest'), ('notices'))
    select (select sum(seq_tup_read) from pg_stat_user_tables join grown on relname = name)::int
      + (select sum(idx_tup_read) from pg_stat_user_indexes join grown on relname = name)::int
      as rows`;
  assert(row !== undefined);
  return row.rows;
}
