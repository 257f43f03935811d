import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { createVisitor } from '../../tests/sign-in/visitor.ts';
import { formatRate, parseRate } from '../base/index.ts';
import { listServices } from '../catalog/index.ts';
import { orderTypes } from '../orders/index.ts';
import { sandboxServices } from '../sandbox/index.ts';
import { seedDemo } from './demo.ts';

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

test('the sandbox delivers all that the demo sells, in any quantity, not at a loss', async () => {
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
    assert(rate >= parseRate(twin.rate, 'rate'), `${name}: ${formatRate(rate)} < ${twin.rate}`);
    assert(!refill || twin.refill, name);
    assert(!cancel || twin.cancel, name);
    assert(!dripfeed || twin.dripfeed, name);
  }
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
