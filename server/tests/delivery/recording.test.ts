import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Actor,
  AppError,
  type Log,
  minuteMs,
  type OrderId,
  type ServiceId,
  silentLog,
} from '../../src/base/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import {
  acknowledgeDelivery,
  decideDelivery,
  expireLeases,
  forwardDue,
  listWaiting,
  type Recorder,
  readDeliverySteps,
  readDispatchState,
  readProviderLoads,
} from '../../src/fulfilment/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, refuseWrites, type TestPanel } from '../harness.ts';
import { until } from './processes.ts';
import { addsIn, deliveryOf, openUpstream, place, type Upstream } from './upstream.ts';
import { pauseAt } from './workers.ts';

let panel: TestPanel;
let upstream: Upstream;
let second: Upstream;
let service: ServiceId;
let customer: Awaited<ReturnType<typeof makeCustomer>>;
let links = 0;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  second = await openUpstream(panel);
  service = await upstream.sell();
  customer = await makeCustomer(panel, { funds: '1000' });
});
after(async () => {
  await upstream.close();
  await second.close();
  await panel.verify();
  await panel.close();
});

async function order(): Promise<{ orderId: OrderId; link: string }> {
  links += 1;
  const link = `https://example.com/re/${links}`;
  const fields = { key: customer.key, service, link, quantity: 100 };
  return { orderId: await place(panel, fields), link };
}

async function stepsOf(orderId: OrderId): Promise<string[]> {
  const key = { customerId: customer.customerId, orderId };
  return (await readDeliverySteps(panel.app.db, key)).map((step) => step.kind);
}

async function waitingFor(orderId: OrderId) {
  return (await listWaiting(panel.app.db, 100)).find((one) => one.orderId === orderId);
}

/** An order under way, whose worker is held up with the answer; the lease is over when it ends. */
async function heldUp() {
  const made = await order();
  const worker = pauseAt('forward.after_send');
  const sending = upstream.forward();
  await worker.reached;
  const answer = async () => {
    worker.release();
    await sending;
  };
  return { ...made, answer };
}

test('an answer whose commit arrived and whose news was lost is no late one', async () => {
  const made = [await order(), await order(), await order()];
  const [, refused, unknown] = made.map(({ link }) => ({ action: 'add', link }));
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: refused ?? {} });
  upstream.sandbox.script({ kind: 'accept_then_500', on: unknown ?? {} });
  const seen = new Map<OrderId, Awaited<ReturnType<Recorder['submit']>>[]>();
  const { recorder } = upstream.ctx;
  const submit: typeof recorder.submit = async (answer) => {
    const before = seen.get(answer.orderId) ?? [];
    seen.set(answer.orderId, [...before, await recorder.submit(answer)]);
    if (before.length === 0) throw new Error('the connection broke after the commit');
    return 'recorded';
  };
  const ctx = { ...upstream.ctx, recorder: { ...recorder, submit } };
  const options = { limit: made.length, brake: { isSet: false } };
  await forwardDue(ctx, await upstream.provider(), options);
  for (const { orderId } of made) {
    assert.deepEqual(seen.get(orderId), ['recorded', 'recorded']);
    assert(!(await stepsOf(orderId)).includes('late_answer'));
  }
});

test('one answer that the database refuses holds no other of its batch', async (t) => {
  const bad = await order();
  const others = [await order(), await order()];
  const mend = await refuseWrites(panel, t, {
    what: 'answer',
    write: 'update on attempts',
    when: `new.order_id = ${bad.orderId}`,
  });
  const stateOf = async ({ orderId }: { orderId: OrderId }) =>
    (await deliveryOf(panel, orderId)).state;
  const sending = upstream.forward();
  for (const other of others) {
    await until('its answer is written', async () => (await stateOf(other)) === 'following');
  }
  assert.equal(await stateOf(bad), 'sending');
  await mend();
  await sending;
  assert.equal(await stateOf(bad), 'following');
});

test('within its lease an attempt is its worker’s alone, whoever looks meanwhile', async () => {
  const { orderId, link, answer } = await heldUp();
  const stateOf = async () => (await deliveryOf(panel, orderId)).state;
  // 5 seconds for the answer, and 30 to write it down.
  for (const passedMs of [0, 34_000]) {
    panel.clock.advance(passedMs);
    assert.deepEqual([await expireLeases(panel.app), await stateOf()], [0, 'sending']);
  }
  panel.clock.advance(2_000);
  assert.deepEqual([await expireLeases(panel.app), await stateOf()], [1, 'unknown']);
  await answer();
  assert.deepEqual([await stateOf(), addsIn(upstream, link)], ['following', 1]);
});

test('an answer that comes while a later attempt is under way does not decide that', async () => {
  const { orderId, link, answer } = await heldUp();
  panel.clock.advance(minuteMs);
  await expireLeases(panel.app);
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'send_again' } });
  const later = pauseAt('forward.after_send');
  const sending = upstream.forward();
  await later.reached;
  await answer();
  assert.equal((await deliveryOf(panel, orderId)).state, 'sending');
  assert.equal((await stepsOf(orderId)).at(-1), 'late_answer');
  later.release();
  await sending;
  const made = upstream.sandbox
    .journal()
    .flatMap((entry) => (entry.kind === 'add' && entry.params.link === link ? entry.order : []));
  assert.equal(made.length, 2, 'staff agreed to the second one');
  const { state, external_id } = await deliveryOf(panel, orderId);
  assert.deepEqual([state, external_id], ['following', String(made[1])]);
});

const customerActor = (): Actor => ({
  kind: 'customer',
  customerId: customer.customerId,
  keyId: null,
});

test('what is accepted after staff refunded it waits for them until acknowledged', async () => {
  const { orderId, answer } = await heldUp();
  panel.clock.advance(minuteMs);
  await expireLeases(panel.app);
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'refund' } });
  assert.equal(await waitingFor(orderId), undefined);
  await answer();
  const waiting = await waitingFor(orderId);
  assert(waiting?.externalId);
  assert.deepEqual([waiting.state, waiting.reason], ['done', 'late_accepted']);
  const { waiting: count } = await readDispatchState(panel.app.db, panel.clock.now());
  const listed = await listWaiting(panel.app.db, 100);
  assert.equal(count, listed.filter(({ state }) => state !== 'unknown').length);
  const [load] = await readProviderLoads(panel.app.db, panel.clock.now());
  assert(load !== undefined && load.held >= 1);
  await panel.verify();

  const isRefused = (code: string) => (error: unknown) =>
    error instanceof AppError && error.code === code;
  const acknowledge = (actor: Actor) => acknowledgeDelivery(panel.app, actor, orderId);
  await assert.rejects(acknowledge(customerActor()), isRefused('not_allowed'));
  await acknowledge(staff);
  assert.equal(await waitingFor(orderId), undefined);
  await assert.rejects(acknowledge(staff), isRefused('not_found'));
  assert.equal((await stepsOf(orderId)).at(-1), 'decided');
  const [audit] = await panel.owner.sql`
    select actor, before from audit where action = 'delivery.acknowledge'`;
  assert.deepEqual(audit, { actor: 'staff:test', before: { reason: 'late_accepted' } });
});

test('what is accepted after staff settled it is for them, and followed no more', async () => {
  const { orderId, answer } = await heldUp();
  await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  await answer();
  const waiting = await waitingFor(orderId);
  assert.deepEqual([waiting?.state, waiting?.reason], ['done', 'late_accepted']);
  assert.equal(waiting?.externalId, (await deliveryOf(panel, orderId)).external_id);
  await panel.verify();
  await acknowledgeDelivery(panel.app, staff, orderId);
  assert.equal(await waitingFor(orderId), undefined);
});

/** An order whose answer is held up while staff have it sent again, to another provider. */
async function movedOn() {
  const { providerId } = upstream;
  const routes = [
    { providerId, externalId: '1' },
    { providerId: second.providerId, externalId: '2' },
  ];
  await setRoutes(panel.app, staff, { serviceId: service, routes });
  const made = await heldUp();
  panel.clock.advance(minuteMs);
  await expireLeases(panel.app);
  const decision = { kind: 'send_again', position: 2 } as const;
  await decideDelivery(panel.app, staff, { orderId: made.orderId, decision });
  return made;
}

test('what a provider accepted is followed there, though staff chose another since', async () => {
  const { orderId, link, answer } = await movedOn();
  await answer();
  assert.equal(await second.forward(), 0, 'it is there already');
  const delivery = await deliveryOf(panel, orderId);
  assert.deepEqual(
    [delivery.state, delivery.provider_id, delivery.external_service_id],
    ['following', upstream.providerId, '1'],
  );
  assert.deepEqual([addsIn(upstream, link), addsIn(second, link)], [1, 0]);
  await panel.verify();
});

test('what a provider refused late is sent to the one that staff chose since', async () => {
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  const { orderId, link, answer } = await movedOn();
  await answer();
  assert.equal((await deliveryOf(panel, orderId)).state, 'due');
  await second.forward();
  const delivery = await deliveryOf(panel, orderId);
  assert.deepEqual([delivery.state, delivery.provider_id], ['following', second.providerId]);
  assert.deepEqual([addsIn(upstream, link), addsIn(second, link)], [0, 1]);
});

/** Sends what is due; the database is away for the first `failures` tries. @returns what is told */
async function forwardWhileAway(failures: number, onFailure?: (leaving: AbortController) => void) {
  const told: { externalId?: string; message: string }[] = [];
  const log: Log = { ...silentLog, error: (fields, message) => told.push({ ...fields, message }) };
  const leaving = new AbortController();
  const { recorder } = upstream.ctx;
  let left = failures;
  const submit: typeof recorder.submit = async (answer) => {
    if (left === 0) return recorder.submit(answer);
    left -= 1;
    onFailure?.(leaving);
    throw new Error('the database is away');
  };
  let passedMs = 0;
  const clock = {
    ...panel.clock,
    now: () => new Date(panel.clock.now().getTime() + passedMs),
    pass: async (ms: number) => {
      passedMs += ms;
    },
  };
  const settings = { clock, log, leaving: leaving.signal };
  const ctx = { ...upstream.ctx, ...settings, recorder: { ...recorder, submit } };
  await forwardDue(ctx, await upstream.provider(), { limit: 1, brake: { isSet: false } });
  return { told, left };
}

test('an answer is written however long the database was away', async () => {
  const { orderId } = await order();
  const { told } = await forwardWhileAway(1_000);
  const { state, external_id: externalId } = await deliveryOf(panel, orderId);
  assert.equal(state, 'following');
  // Told once a minute, with the id that nobody else knows.
  assert.equal(told.length, 17);
  assert(told.every((one) => one.externalId === externalId));
});

test('a worker that stops gives up after a minute, with the order’s id in its log', async () => {
  const { orderId, link } = await order();
  const { told, left } = await forwardWhileAway(1_000, (leaving) => leaving.abort());
  assert.equal(left, 1_000 - 61);
  assert.equal((await deliveryOf(panel, orderId)).state, 'sending');
  const entry = upstream.sandbox
    .journal()
    .find((one) => one.kind === 'add' && one.params.link === link);
  assert(entry?.kind === 'add');
  const last = told.at(-1);
  assert.equal(last?.externalId, String(entry.order));
  assert.match(last?.message ?? '', /before the worker stopped/);
});
