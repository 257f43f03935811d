import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hourMs, type OrderId, type ServiceId } from '../../src/base/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { setProviderState } from '../../src/providers/index.ts';
import { addsIn, deliveryOf, openUpstream, place, type Upstream } from '../delivery/upstream.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { refuseWrites } from '../harness.ts';
import { type Answer, openSignInPanel, password, type SignInPanel } from '../sign-in/visitor.ts';
import { refusalOf } from './customers.ts';
import { type Member, openMember } from './members.ts';
import { ageSessions } from './staff-steps.ts';

let panel: SignInPanel;
let member: Member;
let upstream: Upstream;
let second: Upstream;
let service: ServiceId;
let manual: ServiceId;
let key: string;

before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
  upstream = await openUpstream(panel, { name: 'One' });
  second = await openUpstream(panel, { name: 'Two' });
  service = await upstream.sell({ refill: true });
  const routes = [upstream, second].map(({ providerId }) => ({ providerId, externalId: '1' }));
  await setRoutes(panel.app, staff, { serviceId: service, routes });
  manual = await makeService(panel, {
    rate: '5',
    ...{ dripfeed: true, cancel: true, refill: true, refillDays: 30 },
  });
  await panel.app.catalog.refresh();
  ({ key } = await makeCustomer(panel, { funds: '1000' }));
});
after(async () => {
  await upstream.close();
  await second.close();
  await panel.verify();
  await panel.close();
});

let links = 0;
async function order(more: Record<string, string | number> = {}): Promise<OrderId> {
  links += 1;
  const link = `https://example.com/c/${links}`;
  return place(panel, { key, service: manual, link, quantity: 100, ...more });
}

const post = (path: string, body: object = {}) => member.ask('POST', path, body);

function done({ status, body }: Answer): Record<string, unknown> {
  assert([200, 204].includes(status), JSON.stringify(body));
  return body;
}

function refused(answer: Answer, status: number, code: string): void {
  assert.deepEqual(refusalOf(answer), { status, code });
}

/** A sign-in has the time of the library, which stands still when the panel's is moved. */
async function confirmIdentity(): Promise<void> {
  done(await member.visitor.post('/api/account/confirm', { password }));
}

async function read(orderId: OrderId) {
  return Object(done(await member.get(`/orders/${orderId}`)));
}

/** An order that its provider refused, and one whose answer got lost. */
async function held(): Promise<OrderId> {
  for (const each of [upstream, second]) {
    each.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  }
  const orderId = await order({ service });
  await upstream.forward();
  panel.clock.advance(5_000);
  await second.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'held');
  return orderId;
}

async function lost(): Promise<OrderId> {
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  const orderId = await order({ service });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'unknown');
  return orderId;
}

test('a report settles and refunds; staff leave final states and take money back', async () => {
  const orderId = await order();
  const path = `/orders/${orderId}/settle`;
  const started = done(await post(path, { status: 'In progress', startCount: 7 }));
  assert.deepEqual(started, { changed: true, status: 'In progress', refund: '0.00' });
  const partly = done(await post(path, { status: 'Partial', remains: 40 }));
  assert.equal(partly.refund, '0.20');
  const again = done(await post(path, { status: 'Partial', remains: 40 }));
  assert.deepEqual([again.changed, again.refund], [false, '0.00']);
  const back = done(await post(path, { status: 'Completed', note: 'came late' }));
  assert.deepEqual([back.status, back.refund], ['Completed', '-0.20']);
  const { timeline, order: detail } = await read(orderId);
  assert.equal(timeline.at(-1).note, 'came late');
  assert.equal(detail.startCount, 7);
});

test('a report that can not be is refused with what to change', async () => {
  const orderId = await order();
  refused(await post(`/orders/${orderId}/settle`, { status: 'Partial' }), 400, 'invalid_input');
  const tooMany = { status: 'Partial', remains: 101 };
  refused(await post(`/orders/${orderId}/settle`, tooMany), 400, 'invalid_input');
  refused(await post(`/orders/${orderId}/settle`, { status: 'Lost' }), 400, 'invalid_input');
  refused(await post('/orders/999999999/settle', { status: 'Canceled' }), 404, 'not_found');
});

test('an unknown order is bound, sent again, refunded, or waited for', async () => {
  const bound = await lost();
  done(await post(`/orders/${bound}/decide`, { decision: 'bind', externalId: '555001' }));
  assert.equal((await read(bound)).delivery.externalId, '555001');
  const other = await lost();
  const taken = { decision: 'bind', externalId: '555001' };
  refused(await post(`/orders/${other}/decide`, taken), 409, 'conflict');
  const wrong = { decision: 'bind', externalId: 'abc' };
  refused(await post(`/orders/${other}/decide`, wrong), 400, 'invalid_input');
  done(await post(`/orders/${other}/decide`, { decision: 'wait' }));
  done(await post(`/orders/${other}/decide`, { decision: 'send_again' }));
  await upstream.forward();
  const { order: sent } = await read(other);
  assert.equal(addsIn(upstream, sent.link), 2);
  const third = await lost();
  done(await post(`/orders/${third}/decide`, { decision: 'refund' }));
  const { money, order: detail } = await read(third);
  assert.deepEqual([detail.status, money.refunded], ['Canceled', '0.50']);
  refused(await post(`/orders/${third}/decide`, { decision: 'refund' }), 404, 'not_found');
});

test('a held order is sent again by the route that staff name', async () => {
  const orderId = await held();
  refused(await post(`/orders/${orderId}/decide`, { decision: 'wait' }), 400, 'invalid_input');
  const nowhere = { decision: 'send_again', position: 9 };
  refused(await post(`/orders/${orderId}/decide`, nowhere), 409, 'conflict');
  done(await post(`/orders/${orderId}/decide`, { decision: 'send_again', position: 2 }));
  await second.forward();
  const { delivery } = await read(orderId);
  assert.deepEqual([delivery.provider, delivery.state], ['Two', 'following']);
});

test('an order that waits to be sent goes by another route at once', async () => {
  await setProviderState(panel.app, staff, { providerId: upstream.providerId, state: 'paused' });
  const orderId = await order({ service });
  refused(await post(`/orders/${orderId}/send`, { position: 9 }), 409, 'conflict');
  done(await post(`/orders/${orderId}/send`, { position: 2 }));
  await second.forward();
  const { delivery, timeline } = await read(orderId);
  assert.deepEqual([delivery.provider, delivery.state], ['Two', 'following']);
  assert(timeline.some((entry: { kind: string }) => entry.kind === 'decided'));
  refused(await post(`/orders/${orderId}/send`, { position: 1 }), 409, 'conflict');
  await setProviderState(panel.app, staff, { providerId: upstream.providerId, state: 'on' });
});

test('an order of staff is handed over to a provider, once and while it runs', async () => {
  const orderId = await order();
  const { providerId } = second;
  refused(await post(`/orders/${orderId}/send`, { position: 1 }), 409, 'conflict');
  const routes = [{ providerId, externalId: '1' }];
  await setRoutes(panel.app, staff, { serviceId: manual, routes });
  done(await post(`/orders/${orderId}/send`, { position: 1 }));
  await second.forward();
  assert.equal((await read(orderId)).delivery.state, 'following');
  const over = await order();
  await setRoutes(panel.app, staff, { serviceId: manual, routes: [] });
  await panel.app.catalog.refresh();
  await settleOrder(panel.app, staff, { orderId: over, status: 'Canceled' });
  refused(await post(`/orders/${over}/send`, { position: 1 }), 409, 'conflict');
  refused(await post('/orders/999999999/send', { position: 1 }), 404, 'not_found');
});

test('a flagged order is acknowledged and followed on; there is nothing to do twice', async () => {
  const orderId = await order({ service });
  await upstream.forward();
  const path = `/orders/${orderId}/acknowledge`;
  refused(await post(path), 404, 'not_found');
  await panel.owner.sql`update deliveries set reason = 'flagged: odd words'
    where order_id = ${orderId.toString()}`;
  done(await post(path));
  const { delivery } = await read(orderId);
  assert.deepEqual([delivery.state, delivery.reason], ['following', '']);
  refused(await post(path), 404, 'not_found');
});

test('a drip-feed is paused, goes on, and is stopped with its rest refunded', async () => {
  const orderId = await order({ runs: 3, interval: 60 });
  const pause = (isPaused: boolean) =>
    member.ask('PUT', `/orders/${orderId}/paused`, { isPaused, note: 'a look first' });
  done(await pause(true));
  refused(await pause(true), 409, 'conflict');
  done(await pause(false));
  assert.deepEqual(done(await post(`/orders/${orderId}/stop`)), { outcome: 'stopped' });
  const { order: detail, money } = await read(orderId);
  assert.deepEqual([detail.status, money.refunded], ['Canceled', '1.50']);
  refused(await post(`/orders/${await order()}/stop`), 404, 'incorrect_order');
});

test('a post is announced to a subscription once', async () => {
  const subscriptions = await makeService(panel, { type: 'Subscriptions', rate: '5' });
  const orderId = await place(panel, {
    ...{ key, service: subscriptions, username: 'somebody', min: 50, max: 60, delay: 0 },
  });
  const path = `/orders/${orderId}/posts`;
  const link = 'https://example.com/post/1';
  assert.deepEqual(done(await post(path, { link })), { announced: true });
  assert.deepEqual(done(await post(path, { link })), { announced: false });
  refused(await post(path, { link: '   ' }), 400, 'bad_link');
  refused(await post(`/orders/${await order()}/posts`, { link }), 404, 'incorrect_order');
});

test("a refill is asked for in the customer's place, by their rules, and decided", async () => {
  const orderId = await order();
  const path = `/orders/${orderId}/refills`;
  refused(await post(path), 409, 'order_not_completed');
  await settleOrder(panel.app, staff, { orderId, status: 'Completed' });
  refused(await post(path), 409, 'refill_too_early');
  panel.clock.advance(25 * hourMs);
  member = await openMember(panel);
  await confirmIdentity();
  const { refill } = done(await post(path));
  refused(await post(`/refills/${refill}/send`), 409, 'conflict');
  done(await post(`/refills/${refill}/decide`, { status: 'In progress' }));
  done(await post(`/refills/${refill}/decide`, { status: 'Completed' }));
  refused(await post(`/refills/${refill}/decide`, { status: 'Rejected' }), 409, 'conflict');
  refused(await post('/refills/999999/decide', { status: 'Rejected' }), 404, 'refill_not_found');
  refused(await post('/refills/999999/send'), 404, 'refill_not_found');
  refused(await post('/orders/999999999/refills'), 404, 'incorrect_order');
  const { refills } = await read(orderId);
  assert.deepEqual([refills.length, refills[0].status], [1, 'Completed']);
});

test("a cancellation is asked for in the customer's place, and accepted or rejected", async () => {
  const [whole, part, kept] = [await order(), await order(), await order()];
  for (const orderId of [whole, part, kept]) done(await post(`/orders/${orderId}/cancel`));
  refused(await post(`/orders/${whole}/cancel`), 409, 'cancel_already_requested');
  const decide = (orderId: OrderId, body: object) => post(`/orders/${orderId}/cancel/decide`, body);
  done(await decide(whole, { decision: 'accept' }));
  const tooMany = { decision: 'accept_partly', remains: 200 };
  refused(await decide(part, tooMany), 400, 'invalid_input');
  done(await decide(part, { decision: 'accept_partly', remains: 30 }));
  done(await decide(kept, { decision: 'reject' }));
  refused(await decide(kept, { decision: 'accept' }), 404, 'not_found');
  const statuses = await Promise.all([whole, part, kept].map(async (id) => (await read(id)).order));
  assert.deepEqual(
    statuses.map(({ status, refunded }) => [status, refunded]),
    [
      ['Canceled', '0.50'],
      ['Partial', '0.15'],
      ['Pending', '0.00'],
    ],
  );
  assert.equal((await read(kept)).cancel.state, 'rejected');
  refused(await post('/orders/999999999/cancel'), 404, 'incorrect_order');
});

type Results = { order: number; refusal: { code: string } | null }[];

test('several orders are settled; one that is refused takes none along', async () => {
  const [one, other] = [await order(), await order()].map(Number);
  const parent = Number(await order({ runs: 2, interval: 60 }));
  const act = { kind: 'settle', status: 'Canceled', note: 'all of them' };
  const body = done(await post('/orders/bulk', { orders: [one, parent, other, 999_999_999], act }));
  assert.deepEqual(
    (body.results as Results).map((each) => [each.order, each.refusal?.code ?? null]),
    [
      [one, null],
      [parent, 'invalid_input'],
      [other, null],
      [999_999_999, 'not_found'],
    ],
  );
});

test('several orders of which one fails: what was done with the others is told', async (t) => {
  const [one, broken, other] = [await order(), await order(), await order()].map(Number);
  const when = `new.id = ${broken} and new.status = 'Canceled'`;
  await refuseWrites(panel, t, { what: 'order', write: 'update on orders', when });
  const act = { kind: 'settle', status: 'Canceled' };
  assert.deepEqual(
    done(await post('/orders/bulk', { orders: [one, broken, other], act })).results,
    [
      { order: one, refusal: null },
      { order: broken, refusal: { code: 'failed', detail: '' } },
      { order: other, refusal: null },
    ],
  );
});

test('several orders that wait are sent again or refunded; others are refused', async () => {
  const [again, back, other] = [await held(), await held(), await order()].map(Number);
  const send = { orders: [again, other], act: { kind: 'send_again' } };
  const sent = done(await post('/orders/bulk', send)).results as Results;
  assert.deepEqual([sent[0]?.refusal, sent[1]?.refusal?.code], [null, 'not_found']);
  const refund = { orders: [back], act: { kind: 'refund' } };
  assert.deepEqual(done(await post('/orders/bulk', refund)).results, [
    { order: back, refusal: null },
  ]);
  assert.equal((await read(BigInt(back ?? 0) as OrderId)).money.refunded, '0.50');
  const many = { orders: Array.from({ length: 101 }, (_, at) => at + 1), act: refund.act };
  refused(await post('/orders/bulk', many), 400, 'invalid_input');
  refused(
    await post('/orders/bulk', { orders: [back], act: { kind: 'lose' } }),
    400,
    'invalid_input',
  );
});

test('refills, cancellations and seen to: several orders at once, each by its rules', async () => {
  const [complete, open] = [await order(), await order()];
  await settleOrder(panel.app, staff, { orderId: complete, status: 'Completed' });
  panel.clock.advance(25 * hourMs);
  member = await openMember(panel);
  await confirmIdentity();
  const ask = async (kind: string) => {
    const orders = [complete, open].map(Number);
    const { results } = done(await post('/orders/bulk', { orders, act: { kind } }));
    return (results as Results).map(({ refusal }) => refusal?.code ?? null);
  };
  assert.deepEqual(await ask('request_refill'), [null, 'order_not_completed']);
  assert.equal((await read(complete)).refills.length, 1);
  assert.deepEqual(await ask('request_refill'), ['refill_too_early', 'order_not_completed']);
  assert.deepEqual(await ask('request_cancel'), ['order_already_final', null]);
  assert.equal((await read(open)).cancel.state, 'requested');
  assert.deepEqual(await ask('acknowledge'), ['not_found', 'not_found']);
  const flagged = await order({ service });
  await upstream.forward();
  await panel.owner.sql`update deliveries set reason = 'flagged: odd words'
    where order_id = ${flagged.toString()}`;
  const seen = { orders: [Number(flagged)], act: { kind: 'acknowledge' } };
  assert.deepEqual(done(await post('/orders/bulk', seen)).results, [
    { order: Number(flagged), refusal: null },
  ]);
  assert.equal((await read(flagged)).delivery.reason, '');
});

test('without the permission nothing is done', async () => {
  const orderId = await order();
  const other = await openMember(panel, ['customers', 'payments', 'services']);
  const calls: [string, object][] = [
    [`/orders/${orderId}/settle`, { status: 'Canceled' }],
    [`/orders/${orderId}/decide`, { decision: 'refund' }],
    [`/orders/${orderId}/send`, { position: 1 }],
    [`/orders/${orderId}/acknowledge`, {}],
    [`/orders/${orderId}/stop`, {}],
    [`/orders/${orderId}/posts`, { link: 'https://example.com/p' }],
    [`/orders/${orderId}/refills`, {}],
    [`/orders/${orderId}/cancel`, {}],
    [`/orders/${orderId}/cancel/decide`, { decision: 'accept' }],
    ['/refills/1/decide', { status: 'Completed' }],
    ['/refills/1/send', {}],
    ['/orders/bulk', { orders: [Number(orderId)], act: { kind: 'refund' } }],
  ];
  for (const [path, body] of calls)
    refused(await other.ask('POST', path, body), 403, 'not_allowed');
  const pause = await other.ask('PUT', `/orders/${orderId}/paused`, { isPaused: true });
  refused(pause, 403, 'not_allowed');
  assert.equal((await read(orderId)).order.status, 'Pending');
});

test('what refunds asks first for a sign-in that is fresh, one order or many', async () => {
  const orderId = await order();
  const asks: [string, object][] = [
    [`/orders/${orderId}/cancel`, {}],
    [`/orders/${orderId}/cancel/decide`, { decision: 'accept' }],
    [`/orders/${orderId}/settle`, { status: 'Canceled' }],
    [`/orders/${orderId}/decide`, { decision: 'refund' }],
    [`/orders/${orderId}/stop`, {}],
    ['/orders/bulk', { orders: [Number(orderId)], act: { kind: 'settle', status: 'Canceled' } }],
  ];
  await ageSessions(panel);
  for (const [path, body] of asks) refused(await post(path, body), 403, 'confirm_first');
  assert.equal((await read(orderId)).order.status, 'Pending');
  await confirmIdentity();
  for (const [path, body] of asks) {
    assert.notEqual(refusalOf(await post(path, body)).code, 'confirm_first', path);
  }
  assert.equal((await read(orderId)).order.refunded, '0.50');
});
