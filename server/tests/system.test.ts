import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Actor, type CustomerId, dayMs } from '../src/base/index.ts';
import { createKey, updateCustomer } from '../src/customers/index.ts';
import { addStaff } from '../src/staff/index.ts';
import { type AuditFilter, listAudit, readSystemFacts, runVerify } from '../src/system/index.ts';
import { startWorker } from '../src/worker/index.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

let panel: TestPanel;
let customerId: CustomerId;
before(async () => {
  panel = await openTestPanel();
  ({ customerId } = await makeCustomer(panel));
});
after(() => panel.close());

const audit = (filter: AuditFilter, limit = 100, before?: bigint) =>
  listAudit(panel.app.db, filter, { limit, ...(before === undefined ? {} : { before }) });

test('the audit log is found by who, what, of what, of whom and when', async () => {
  const own: Actor = { kind: 'customer', customerId, keyId: null, actingStaff: 'ann' };
  const start = panel.clock.now();
  panel.clock.advance(dayMs);
  await updateCustomer(panel.app, staff, { customerId, changes: { discountBasisPoints: 5 } });
  panel.clock.advance(dayMs);
  const { id: keyId } = await createKey(panel.app, own, { customerId, name: 'second' });
  const service = await makeService(panel);
  const actions = async (filter: AuditFilter) =>
    (await audit(filter)).rows.map(({ action }) => action);
  assert.deepEqual(await actions({ customerId }), [
    'key.create',
    'customer.update',
    'key.create',
    'funds.add',
    'customer.create',
  ]);
  assert.deepEqual(await actions({ actor: `customer:${customerId} by staff:ann` }), ['key.create']);
  assert.deepEqual(await actions({ action: 'customer.' }), ['customer.update', 'customer.create']);
  assert.deepEqual(await actions({ action: 'customer_' }), []);
  assert.deepEqual(await actions({ action: '%' }), []);
  assert.deepEqual(await actions({ subject: `service:${service}` }), ['service.create']);
  const between = { from: new Date(start.getTime() + dayMs), to: panel.clock.now() };
  assert.deepEqual(await actions(between), ['customer.update']);
  const [row] = (await audit({ subject: `key:${keyId}`, customerId })).rows;
  assert(row !== undefined);
  const { id: _, ...rest } = row;
  assert.deepEqual(rest, {
    at: panel.clock.now(),
    actor: `customer:${customerId} by staff:ann`,
    action: 'key.create',
    subject: `key:${keyId}`,
    customerId,
    before: null,
    after: null,
    actorName: 'Customer 1',
    subjectName: 'second',
    orderId: null,
  });
});

test('staff whose name is a number are not taken for others of that number', async () => {
  const ann = await addStaff(panel.app, staff, { name: 'ann', areas: [], dailyLimit: null });
  const other: Actor = { kind: 'staff', name: `${ann}`, access: 'full' };
  await updateCustomer(panel.app, other, { customerId, changes: { discountBasisPoints: 7 } });
  const { rows } = await audit({}, 2);
  assert.deepEqual(
    rows.map(({ actor, actorName, subjectName }) => [actor, actorName, subjectName]),
    [
      [`staff:${ann}`, null, 'Customer 1'],
      ['staff:test', null, 'ann'],
    ],
  );
});

test('pages of the audit log neither repeat nor miss a row while new ones arrive', async () => {
  const all = (await audit({})).rows.map(({ id }) => id);
  const seen: bigint[] = [];
  let next: bigint | null | undefined;
  do {
    const page = await audit({}, 2, next ?? undefined);
    assert(page.rows.length <= 2);
    seen.push(...page.rows.map(({ id }) => id));
    next = page.next;
    await updateCustomer(panel.app, staff, { customerId, changes: { discountBasisPoints: 1 } });
  } while (next !== null);
  assert.deepEqual(seen, all);
});

test('the system’s facts name versions, sizes, connections and migrations', async () => {
  await panel.owner.sql`analyze audit`;
  const facts = await readSystemFacts(panel.app.db);
  assert.match(facts.panel, /^\d+\.\d+\.\d+/);
  assert.equal(facts.node, process.versions.node);
  assert.match(facts.postgres, /^\d{2}/);
  const [applied] = await panel.owner.sql`select count(*)::int as count, max(name) as newest
    from migrations`;
  assert.deepEqual([facts.migrations, facts.migration.name], [applied?.count, applied?.newest]);
  assert(facts.databaseBytes > 1_000_000n);
  assert.equal(facts.tables.length, 10);
  const sizes = facts.tables.map(({ bytes }) => bytes);
  assert.deepEqual(
    sizes,
    sizes.toSorted((one, other) => (one < other ? 1 : -1)),
  );
  const { used, max } = facts.connections;
  assert(used >= 1 && used <= max, `${used} of ${max}`);
});

test('what the worker did last and what failed stands in the system’s facts', async () => {
  assert.deepEqual((await readSystemFacts(panel.app.db)).tasks, []);
  const failing = {
    ...panel.app,
    upstreams: {
      ...panel.app.upstreams,
      flush: () => Promise.reject(new Error('disk is full')),
    },
  };
  const worker = startWorker(failing);
  await worker.stop();
  const { tasks } = await readSystemFacts(panel.app.db);
  const figures = tasks.find(({ name }) => name === 'figures');
  assert.deepEqual(
    [figures?.startedAt, figures?.failedAt, figures?.failure],
    [panel.clock.now(), null, ''],
  );
  const failed = tasks.find(({ name }) => name === 'provider_health');
  assert.deepEqual([failed?.failedAt, failed?.failure], [panel.clock.now(), 'Error: disk is full']);
  const failedAt = panel.clock.now();
  panel.clock.advance(60_000);
  await startWorker(panel.app).stop();
  const { tasks: laterTasks } = await readSystemFacts(panel.app.db);
  const later = laterTasks.find(({ name }) => name === 'provider_health');
  assert.deepEqual(
    [later?.startedAt, later?.failedAt, later?.failure],
    [panel.clock.now(), failedAt, 'Error: disk is full'],
  );
});

test('verify tells how far it is, runs once at a time, and can be given up', async () => {
  const progress: { done: number; total: number; check: string }[] = [];
  let second: Promise<unknown> | undefined;
  const report = await runVerify(panel.app, staff, {
    onProgress: (step) => {
      progress.push(step);
      second ??= runVerify(panel.app, staff).catch((error: unknown) => error);
    },
  });
  assert.equal(report.ok, true);
  const total = progress.length - 1;
  assert(total > Object.keys(report.checked).length);
  assert.deepEqual(
    progress.map(({ done }) => done),
    Array.from({ length: total + 1 }, (_, at) => at),
  );
  assert(progress.every((step) => step.total === total));
  // A step for each check, and one for each table of which several checks want sums.
  assert.equal(progress.at(-1)?.check, '');
  assert.deepEqual(
    new Set(progress.slice(0, -1).map(({ check }) => check)),
    new Set(Object.keys(report.checked)),
  );
  assert.equal(Reflect.get(Object(await second), 'code'), 'conflict');

  const leaving = new AbortController();
  let steps = 0;
  const given = runVerify(panel.app, staff, {
    signal: leaving.signal,
    onProgress: () => {
      steps += 1;
      leaving.abort(new Error('left'));
    },
  });
  await assert.rejects(given, /left/);
  assert.equal(steps, 1);
  assert.equal((await runVerify(panel.app, staff)).ok, true);
});
