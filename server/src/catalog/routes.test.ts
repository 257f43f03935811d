import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deliveryOf, openUpstream, place, type Upstream } from '../../tests/delivery/upstream.ts';
import { makeCustomer, makeService, staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { list, listedRow, makeProvider } from '../../tests/listings.ts';
import { type Actor, AppError, type ProviderId } from '../base/index.ts';
import { setRoutes } from './index.ts';

let panel: TestPanel;
let upstream: Upstream;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
});
after(async () => {
  await upstream.close();
  await panel.close();
});

const link = 'https://example.com/a';

function isRefusal(code: string) {
  return (error: unknown) => error instanceof AppError && error.code === code;
}

test('routes are replaced in order and audited, and unknown ones are told', async () => {
  const serviceId = await makeService(panel);
  const [first, second] = [await makeProvider(panel), await makeProvider(panel)];
  await list(panel, first, listedRow(1));
  const routes = [
    { providerId: second, externalId: ' 8 ', isDelegated: true, guardsMargin: false },
    { providerId: first, externalId: '1' },
  ];
  const { unknown } = await setRoutes(panel.app, staff, { serviceId, routes });
  assert.deepEqual(unknown, [{ providerId: second, externalId: '8' }]);
  await panel.app.catalog.refresh();
  assert.deepEqual(panel.app.catalog.current().services.get(serviceId)?.routes, [
    { position: 1, providerId: second, externalId: '8', isDelegated: true, guardsMargin: false },
    { position: 2, providerId: first, externalId: '1', isDelegated: false, guardsMargin: true },
  ]);
  await setRoutes(panel.app, staff, { serviceId, routes: [] });
  const audit = await panel.app.db
    .selectFrom('audit')
    .select(['before', 'after'])
    .where('action', '=', 'service.routes')
    .where('subject', '=', `service:${serviceId}`)
    .orderBy('id')
    .execute();
  assert.deepEqual(audit[1]?.before, audit[0]?.after);
  assert.deepEqual(audit[1]?.after, { routes: [] });
});

test('unknown providers, bad ids, repeats and customers are refused', async () => {
  const serviceId = await makeService(panel);
  const providerId = await makeProvider(panel);
  const set = (actor: Actor, ...routes: { providerId: ProviderId; externalId: string }[]) =>
    setRoutes(panel.app, actor, { serviceId, routes });
  const route = { providerId, externalId: '1' };
  const nobody = { providerId: 2_000_000_000 as ProviderId, externalId: '1' }; // no provider's
  await assert.rejects(set(staff, route, nobody), isRefusal('not_found'));
  await assert.rejects(set(staff, route, route), isRefusal('invalid_input'));
  for (const externalId of ['', ' ', 'x'.repeat(51)]) {
    await assert.rejects(set(staff, { providerId, externalId }), isRefusal('invalid_input'));
  }
  const many = Array.from({ length: 21 }, (_, at) => ({ providerId, externalId: `${at}` }));
  await assert.rejects(set(staff, ...many), isRefusal('invalid_input'));
  const { customerId } = await makeCustomer(panel);
  const customer: Actor = { kind: 'customer', customerId, keyId: null };
  await assert.rejects(set(customer, route), isRefusal('not_allowed'));
});

test('what waits goes to the new first route; what is on its way stays', async () => {
  const { key } = await makeCustomer(panel);
  const service = await upstream.sell();
  const sent = await place(panel, { key, service, link, quantity: 100 });
  await upstream.forward();
  const waiting = await place(panel, { key, service, link, quantity: 100 });
  const providerId = await makeProvider(panel);
  const held = async () => setRoutes(panel.app, staff, { serviceId: service, routes: [] });
  await held();
  const without = await deliveryOf(panel, waiting);
  assert.deepEqual([without.state, without.reason, without.due_at], ['held', 'no_route', null]);
  panel.clock.advance(1_000);
  const routes = [{ providerId, externalId: '5', isDelegated: true }];
  await setRoutes(panel.app, staff, { serviceId: service, routes });
  const moved = await deliveryOf(panel, waiting);
  assert.deepEqual(
    [moved.state, moved.reason, moved.provider_id, moved.external_service_id, moved.is_delegated],
    ['due', '', providerId, '5', true],
  );
  assert.deepEqual([moved.route_position, moved.due_at], [1, panel.clock.now()]);
  const away = await deliveryOf(panel, sent);
  assert.deepEqual([away.state, away.provider_id], ['following', upstream.providerId]);
});

test('runs that a provider was to make go only where the provider makes them', async () => {
  const { key } = await makeCustomer(panel);
  const service = await upstream.sell({ isDelegated: true, dripfeed: true });
  const order = await place(panel, { key, service, link, quantity: 100, runs: 2, interval: 5 });
  const [plain, delegated] = [await makeProvider(panel), await makeProvider(panel)];
  const first = { providerId: plain, externalId: '1' };
  await setRoutes(panel.app, staff, { serviceId: service, routes: [first] });
  assert.equal((await deliveryOf(panel, order)).state, 'held');
  const second = { providerId: delegated, externalId: '2', isDelegated: true };
  await setRoutes(panel.app, staff, { serviceId: service, routes: [first, second] });
  const { state, provider_id, route_position } = await deliveryOf(panel, order);
  assert.deepEqual([state, provider_id, route_position], ['due', delegated, 2]);
});
