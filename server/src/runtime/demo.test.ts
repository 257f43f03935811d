import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { customerActor, start } from '../../tests/payments/steps.ts';
import { createVisitor } from '../../tests/sign-in/visitor.ts';
import { chargeForPackage, convertCost, dayMs, formatRate, parseRate } from '../base/index.ts';
import { listServices, readStaffCatalog } from '../catalog/index.ts';
import { orderTypes } from '../orders/index.ts';
import { confirmPayment, listOffered, readPayment, reportPaid } from '../payments/index.ts';
import { readProviders } from '../providers/index.ts';
import { sandboxServices } from '../sandbox/index.ts';
import { seedDemo } from './demo.ts';
import { startSandbox } from './sandbox.ts';

let panel: TestPanel;
let other: TestPanel;
before(async () => {
  panel = await openTestPanel();
  other = await openTestPanel({ start: new Date() });
});
after(async () => {
  await panel.close();
  await other.close();
});

test('the sandbox delivers what the demo sells, in any quantity, and for less', async () => {
  await seedDemo(panel.app);
  const services = await listServices(panel.app.db);
  const routes = await panel.app.db.selectFrom('service_routes').selectAll().execute();
  assert.equal(services.length, Object.keys(orderTypes).length);
  for (const { id, name, type, min, max, rate, refill, cancel, dripfeed } of services) {
    const route = routes.find((row) => row.service_id === id);
    const twin = sandboxServices.find(({ service }) => String(service) === route?.external_id);
    assert(twin !== undefined, name);
    assert.equal(twin.type, type, name);
    assert(min >= twin.min && max <= twin.max, `${name}: ${min} to ${max}`);
    assert(rate > parseRate(twin.rate, 'rate'), `${name}: ${formatRate(rate)}, ${twin.rate}`);
    assert(!refill || twin.refill, name);
    assert(!cancel || twin.cancel, name);
    assert(!dripfeed || twin.dripfeed, name);
  }
});

test('the catalog of the sandbox is fetched once, and each service shows its cost', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'panelwright-demo-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const fetchedAt = panel.clock.now();
  for (let start = 0; start < 2; start += 1) {
    const stop = await startSandbox(panel.app, dataDir);
    assert(stop !== undefined);
    await stop();
    const [sandbox] = await readProviders(panel.app.db);
    assert.deepEqual(sandbox?.syncedAt, fetchedAt);
    panel.clock.advance(dayMs);
  }
  const { services } = await readStaffCatalog(panel.app.db);
  for (const { name, cost, exchangeRate, rate } of services) {
    assert(cost !== null && exchangeRate !== null, name);
    assert(convertCost(cost, exchangeRate) < chargeForPackage(rate), name);
  }
});

test('the demo customer can pay in, and staff confirm it', async () => {
  const { app } = panel;
  const [method] = await listOffered(app.db);
  assert(method !== undefined);
  const customers = app.db.selectFrom('customers').select('id as customerId');
  const { customerId } = await customers.executeTakeFirstOrThrow();
  const paymentId = await start(app, { customerId, methodId: method.id });
  await reportPaid(app, customerActor(customerId), { paymentId });
  await confirmPayment(app, staff, { paymentId });
  assert.equal((await readPayment(app.db, paymentId)).state, 'credited');
});

test('the demo customer and the operator sign in with the passwords that are printed', async () => {
  const demo = await seedDemo(other.app);
  assert(demo.logins !== null);
  for (const [kind, login] of Object.entries(demo.logins)) {
    const visitor = createVisitor(other);
    await visitor.post('/api/auth/sign-in/email', login);
    const signedIn = await visitor.signedIn();
    assert.equal(signedIn?.actor.kind, kind === 'customer' ? 'customer' : 'staff');
  }
});
