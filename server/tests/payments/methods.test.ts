import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseAmount } from '../../src/base/index.ts';
import {
  addMethod,
  createGateways,
  listMethods,
  listOffered,
  moveMethod,
  startPayment,
  updateMethod,
} from '../../src/payments/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import {
  customerActor,
  gatewaySecrets,
  makeMethod,
  makeStaff,
  refusal,
  returnUrl,
  start,
  stripeSecrets,
} from './steps.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

const amount = (text: string) => parseAmount(text, 'amount');
const plain = { kind: 'manual', name: 'Bank', min: amount('1'), max: amount('100') } as const;

test('only methods that are enabled and have all they need are offered', async () => {
  const names = async () => (await listOffered(panel.app.db)).map(({ name }) => name);
  const bare = { kind: 'stripe' as const, name: 'Bare', enabled: true };
  const bareId = await addMethod(panel.app, staff, { ...plain, ...bare });
  const silent = { ...plain, name: 'Silent', enabled: true };
  const silentId = await addMethod(panel.app, staff, silent);
  const off = await makeMethod(panel, { name: 'Off', enabled: false });
  const half = { secrets: { secretKey: stripeSecrets.secretKey } };
  await updateMethod(panel.app, staff, { methodId: bareId, changes: half });
  assert.deepEqual(await names(), []);
  const { webhookSecret } = stripeSecrets;
  await updateMethod(panel.app, staff, {
    methodId: bareId,
    changes: { secrets: { webhookSecret } },
  });
  assert.deepEqual(await names(), ['Bare']);
  await updateMethod(panel.app, staff, { methodId: silentId, changes: { instructions: 'Pay.' } });
  await updateMethod(panel.app, staff, { methodId: off, changes: { enabled: true } });
  assert.deepEqual(await names(), ['Bare', 'Silent', 'Off']);
  await updateMethod(panel.app, staff, {
    methodId: bareId,
    changes: { secrets: { webhookSecret: '' } },
  });
  assert.deepEqual(await names(), ['Silent', 'Off']);
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const ask = { methodId: bareId, amount: amount('10'), returnUrl };
  await refusal(startPayment(panel.app, customerActor(customerId), ask), 'not_found');
});

test('secrets are in no table, no audit row and no reply', async () => {
  await makeMethod(panel, { kind: 'stripe' });
  const methodId = await makeMethod(panel, { kind: 'webhook' });
  await updateMethod(panel.app, staff, { methodId, changes: { secrets: gatewaySecrets } });
  const shown = JSON.stringify(
    [await listMethods(panel.app.db), await listOffered(panel.app.db)],
    (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );
  const tables = await panel.owner.sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  const rows = await Promise.all(
    tables.map(({ name }) => panel.owner.sql.unsafe(`select t::text as row from ${name} t`)),
  );
  const dump = rows.flatMap((list) => list.map((row) => String(row.row))).join('\n');
  assert(dump.includes('secret: new'), 'the audit says that there are new ones');
  for (const secret of Object.values({ ...stripeSecrets, ...gatewaySecrets })) {
    assert(!shown.includes(secret) && !dump.includes(secret), secret);
    assert(!dump.includes(Buffer.from(secret).toString('hex')), secret);
  }
});

test('secrets open for their own method and under their own PANELWRIGHT_SECRET alone', async () => {
  const [one, other] = [await makeMethod(panel), await makeMethod(panel)];
  await panel.owner.sql`update payment_methods m set secrets_sealed = o.secrets_sealed
    from payment_methods o where m.id = ${one} and o.id = ${other}`;
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  await refusal(start(panel.app, { customerId, methodId: one }), 'conflict');
  await start(panel.app, { customerId, methodId: other });
  const none = { ...panel.app, gateways: createGateways({ secret: undefined }) };
  await refusal(start(none, { customerId, methodId: other }), 'not_allowed');
  const input = { ...plain, kind: 'webhook' as const, name: 'No secret' };
  await refusal(addMethod(none, staff, { ...input, secrets: gatewaySecrets }), 'not_allowed');
  // All of them given anew, the old ones need not open.
  const changes = { secrets: { secret: gatewaySecrets.secret } };
  await refusal(updateMethod(panel.app, staff, { methodId: one, changes }), 'conflict');
  await updateMethod(panel.app, staff, { methodId: one, changes: { secrets: gatewaySecrets } });
  await start(panel.app, { customerId, methodId: one });
});

test('a method that would give money away, or can not be, is refused', async () => {
  const wrong = {
    'a name': { name: ' ' },
    'a least amount of 0': { min: amount('0') },
    'a largest below the least': { max: amount('0.5') },
    'a largest beyond any wallet': { max: amount('10000001') },
    'a fee of all': { feeBasisPoints: 10_000 },
    'half a hundredth of a percent': { feeBasisPoints: 0.5 },
    'a fee that leaves nothing of the least amount': { feeFixed: amount('1') },
    'a bonus of more than what is paid': {
      bonusTiers: [{ from: amount('1'), basisPoints: 10_001 }],
    },
    'two bonuses at once': {
      bonusTiers: [
        { from: amount('5'), basisPoints: 100 },
        { from: amount('5'), basisPoints: 200 },
      ],
    },
    'a secret it has no use for': { secrets: { secretKey: 'sk' } },
  };
  for (const [name, fields] of Object.entries(wrong)) {
    await refusal(addMethod(panel.app, staff, { ...plain, ...fields }), 'invalid_input').catch(
      (cause: unknown) => assert.fail(`${name}: ${String(cause)}`),
    );
  }
  const gateway = { ...plain, kind: 'webhook' as const };
  for (const payUrl of ['pay.example', 'javascript:alert(1)', 'https://u:p@pay.example/', 'a b']) {
    const secrets = { ...gatewaySecrets, payUrl };
    await refusal(addMethod(panel.app, staff, { ...gateway, secrets }), 'invalid_input');
  }
  const methodId = await makeMethod(panel, { name: 'Taken' });
  await refusal(addMethod(panel.app, staff, { ...plain, name: 'Taken' }), 'conflict');
  const changes = { feeFixed: amount('1') };
  await refusal(updateMethod(panel.app, staff, { methodId, changes }), 'invalid_input');
  const unknown = 9_999 as typeof methodId;
  await refusal(updateMethod(panel.app, staff, { methodId: unknown, changes: {} }), 'not_found');
});

test('methods are changed by staff of the area settings alone', async () => {
  const methodId = await makeMethod(panel);
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const clerk = await makeStaff(panel, { areas: ['payments'] });
  const admin = await makeStaff(panel, { areas: ['settings'] });
  for (const actor of [clerk, customerActor(customerId)]) {
    await refusal(addMethod(panel.app, actor, plain), 'not_allowed');
    await refusal(updateMethod(panel.app, actor, { methodId, changes: {} }), 'not_allowed');
    await refusal(moveMethod(panel.app, actor, { methodId, before: null }), 'not_allowed');
  }
  await updateMethod(panel.app, admin, { methodId, changes: { feeBasisPoints: 250 } });
  const [audit] = await panel.owner.sql<{ actor: string; before: object; after: object }[]>`
    select actor, before, after from audit where action = 'payment_method.update'
    order by id desc limit 1`;
  assert.deepEqual([audit?.before, audit?.after], [{ feeBasisPoints: 0 }, { feeBasisPoints: 250 }]);
});

test('methods are offered in the order staff give them', async () => {
  const ids = await Promise.all(['P', 'Q', 'R'].map((name) => makeMethod(panel, { name })));
  const [p, q, r] = ids;
  assert(p !== undefined && q !== undefined && r !== undefined);
  const order = async () => {
    const methods = await listMethods(panel.app.db);
    return methods.map(({ id }) => id).filter((id) => ids.includes(id));
  };
  await moveMethod(panel.app, staff, { methodId: r, before: p });
  await moveMethod(panel.app, staff, { methodId: q, before: null });
  assert.deepEqual(await order(), [r, p, q]);
  await Promise.all([
    moveMethod(panel.app, staff, { methodId: q, before: r }),
    moveMethod(panel.app, staff, { methodId: p, before: null }),
  ]);
  assert.deepEqual(await order(), [q, r, p]);
  const unknown = 9_999 as typeof p;
  await refusal(moveMethod(panel.app, staff, { methodId: p, before: unknown }), 'not_found');
  await refusal(moveMethod(panel.app, staff, { methodId: unknown, before: p }), 'not_found');
});
