import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, type OrderId, type ServiceId } from '../../src/base/index.ts';
import { requestCancelFor } from '../../src/cancels/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { requestRefillFor } from '../../src/refills/index.ts';
import { openLostOrders } from '../delivery/lost-orders.ts';
import { openUpstream, place, type Upstream } from '../delivery/upstream.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { refusalOf } from './customers.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;
let upstream: Upstream;
let service: ServiceId;
let manual: ServiceId;
let key: string;

before(async () => {
  panel = await openSignInPanel();
  upstream = await openUpstream(panel, { name: 'Queued' });
  service = await upstream.sell();
  manual = await makeService(panel, { rate: '5', cancel: true, refill: true });
  ({ key } = await makeCustomer(panel, { funds: '1000' }));
  member = await openMember(panel);
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

let links = 0;
async function order(more: Record<string, string | number> = {}): Promise<OrderId> {
  links += 1;
  const link = `https://example.com/q/${links}`;
  return place(panel, { key, service: manual, link, quantity: 100, ...more });
}

type Row = Record<string, unknown> & { orderId: number };
async function queue(path: string): Promise<{ rows: Row[]; next: string | null }> {
  const { status, body } = await member.get(`/queues/${path}`);
  assert.equal(status, 200, JSON.stringify(body));
  return { rows: body.rows as Row[], next: body.next as string | null };
}
const counts = async () => (await member.get('/queues')).body;

test('unknown orders are listed with what was found out, in readable amounts', async () => {
  const lost = openLostOrders(panel, key);
  const probed = await lost.openCalibrated();
  await lost.knowBalance(probed);
  const { orderId, link } = await probed.send({ kind: 'error_500' });
  await lost.lookUntilGivenUp(probed);
  const { rows } = await queue('deliveries?queue=unknown');
  const row = rows.find((each) => each.orderId === Number(orderId));
  assert(row !== undefined, JSON.stringify(rows));
  assert.deepEqual(
    [row.link, row.reason, row.charge, row.attempt, row.state],
    [link, 'unknown', '0.50', 1, 'held'],
  );
  const { balance, probe } = Object(row.evidence);
  assert.deepEqual(
    [balance.verdict, balance.before, balance.cost],
    ['not_charged', '500.00', '0.09'],
  );
  assert.deepEqual(probe.candidates, []);
  assert.equal(row.cost, '0.09');
  assert.equal((await counts()).unknown, 1);
  await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  assert.equal((await counts()).unknown, 0);
  await lost.close();
});

test('held orders, margin holds, flags and late acceptances have a queue each', async () => {
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  const held = await order({ service });
  await upstream.forward();
  const flagged = await order({ service });
  const late = await order({ service });
  await upstream.forward();
  await panel.owner
    .sql`update deliveries set reason = 'flagged: odd' where order_id = ${flagged.toString()}`;
  await settleOrder(panel.app, staff, { orderId: late, status: 'Canceled' });
  await panel.owner
    .sql`update deliveries set reason = 'late_accepted', state = 'done', due_at = null
    where order_id = ${late.toString()}`;
  await panel.owner.sql`insert into provider_services (provider_id, external_id, position, name,
      category, type, is_type_known, cost, min, max, refill, cancel, dripfeed, seen_at)
    values (${upstream.providerId}, '1', 1, 'Dear', 'First', 'Default', true, ${10n ** 12n}, 10,
      10000, false, false, false, now())`;
  const costly = await order({ service });
  await upstream.forward();
  const found = async (name: string) =>
    (await queue(`deliveries?queue=${name}`)).rows.map(({ orderId }) => orderId);
  assert.deepEqual(await found('held'), [Number(held)]);
  assert.deepEqual(await found('margin'), [Number(costly)]);
  assert.deepEqual(await found('flagged'), [Number(flagged)]);
  assert.deepEqual(await found('late'), [Number(late)]);
  const [row] = (await queue('deliveries?queue=margin')).rows;
  assert.deepEqual([row?.cost, row?.charge], ['1000.00', '0.50']);
  const [refused] = (await queue('deliveries?queue=held')).rows;
  assert(String(refused?.raw).includes('Bad link'));
  const { held: a, margin, flagged: b, late: c, unknown } = await counts();
  assert.deepEqual([a, margin, b, c, unknown], [1, 1, 1, 1, 0]);
});

test('a queue is read page by page, each order once', async () => {
  const made: number[] = [];
  for (let count = 0; count < 3; count += 1) made.push(Number(await order({ service })));
  await upstream.forward();
  const seen: number[] = [];
  let next: string | null = null;
  do {
    const cursor: string = next === null ? '' : `&cursor=${next}`;
    const page = await queue(`deliveries?queue=margin&limit=2${cursor}`);
    seen.push(...page.rows.map(({ orderId }) => orderId));
    next = page.next;
  } while (next !== null);
  assert.deepEqual(seen.slice(-3), made);
  assert.equal(new Set(seen).size, 4);
  assert.equal((await member.get('/queues/deliveries?queue=margin&cursor=x')).status, 400);
  assert.equal((await member.get('/queues/deliveries?queue=other')).status, 400);
});

test('cancellations that wait for staff are listed with what they give back', async () => {
  const [first, second] = [await order(), await order()];
  for (const orderId of [first, second]) await requestCancelFor(panel.app, staff, orderId);
  const page = await queue('cancels?limit=1');
  assert.deepEqual([page.rows[0]?.orderId, page.rows[0]?.charge], [Number(first), '0.50']);
  const rest = await queue(`cancels?limit=1&cursor=${page.next}`);
  assert.deepEqual([rest.rows[0]?.orderId, rest.next], [Number(second), null]);
  assert.equal((await counts()).cancels, 2);
});

test('orders that take too long are listed, and refills that wait for staff', async () => {
  const done = await order();
  await settleOrder(panel.app, staff, { orderId: done, status: 'Completed' });
  const slow = Number(await order());
  panel.clock.advance(4 * dayMs);
  const refillId = await requestRefillFor(panel.app, staff, done);
  member = await openMember(panel);
  const stuck = await queue('stuck?limit=100');
  assert(stuck.rows.some(({ orderId, delivery }) => orderId === slow && delivery === null));
  const { rows } = await queue('refills');
  assert.deepEqual(
    rows.map(({ id, orderId, delivery }) => [id, orderId, delivery]),
    [[Number(refillId), Number(done), 'manual']],
  );
  const now = await counts();
  assert.equal(now.refills, 1);
  assert(Number(now.stuck) > 0);
});

test('without the permission no queue is read', async () => {
  const other = await openMember(panel, ['services', 'providers']);
  for (const path of ['', '/deliveries?queue=unknown', '/refills', '/cancels', '/stuck']) {
    assert.deepEqual(refusalOf(await other.get(`/queues${path}`)), {
      status: 403,
      code: 'not_allowed',
    });
  }
});
