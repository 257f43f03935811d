import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Actor,
  type Amount,
  type CustomerId,
  parseAmount,
  type StaffArea,
  type StaffId,
} from '../src/base/index.ts';
import { readCustomer, updateCustomer } from '../src/customers/index.ts';
import { addStaff, listStaff, readStaff, updateStaff } from '../src/staff/index.ts';
import { makeCustomer, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

let counter = 0;

async function add(
  areas: StaffArea[],
  options: { by?: Actor; dailyLimit?: Amount | null } = {},
): Promise<StaffId> {
  counter += 1;
  const { by = staff, dailyLimit = null } = options;
  return addStaff(panel.app, by, { name: `member-${counter}`, areas, dailyLimit });
}

function as(staffId: StaffId, ...areas: StaffArea[]): Actor {
  return { kind: 'staff', name: `id-${staffId}`, access: { staffId, areas: new Set(areas) } };
}

const refused = (code: string, detail?: string) => (error: unknown) => {
  assert.equal(Reflect.get(Object(error), 'code'), code, String(error));
  if (detail !== undefined) assert.equal(Reflect.get(Object(error), 'detail'), detail);
  return true;
};

const limit = (text: string) => parseAmount(text, 'limit');

test('a member has areas once each, and stands in the list and the audit log', async () => {
  const dailyLimit = limit('250.5');
  const id = await addStaff(panel.app, staff, {
    name: ' ann.k ',
    areas: ['payments', 'orders', 'payments'],
    dailyLimit,
  });
  const member = (await listStaff(panel.app.db)).find((one) => one.id === id);
  assert.deepEqual(member, {
    id,
    name: 'ann.k',
    status: 'active',
    areas: ['orders', 'payments'],
    dailyLimit,
    createdAt: panel.clock.now(),
  });
  const [row] = await panel.owner.sql`select action, subject, actor, after from audit
    where subject = ${`staff:${id}`}`;
  assert.deepEqual(row, {
    action: 'staff.add',
    subject: `staff:${id}`,
    actor: 'staff:test',
    after: {
      name: 'ann.k',
      areas: ['orders', 'payments'],
      status: 'active',
      dailyLimit: '250.50',
    },
  });
});

test('a name that is malformed, taken or the panel’s own is refused', async () => {
  const tryName = (name: string) =>
    addStaff(panel.app, staff, { name, areas: [], dailyLimit: null });
  await tryName('taken');
  for (const name of ['', 'Ann', 'a b', '-a', 'a'.repeat(41), 'ann:cli']) {
    await assert.rejects(tryName(name), refused('invalid_input'), name);
  }
  await assert.rejects(tryName('taken'), refused('conflict'));
  await assert.rejects(tryName('cli'), refused('conflict'));
  const areas = ['everything' as StaffArea];
  const input = { name: 'odd', areas, dailyLimit: null };
  await assert.rejects(addStaff(panel.app, staff, input), refused('invalid_input'));
  const negative = { name: 'odd', areas: [], dailyLimit: -1n as Amount };
  await assert.rejects(addStaff(panel.app, staff, negative), refused('invalid_input'));
});

test('nobody gives areas they do not have, whatever their session says', async () => {
  const boss = await add(['staff', 'orders']);
  const actor = as(boss, 'staff', 'orders', 'payments');
  await assert.rejects(add(['payments'], { by: actor }), refused('not_allowed', 'payments'));
  const id = await add(['orders'], { by: actor });
  const change = (areas: StaffArea[]) =>
    updateStaff(panel.app, actor, { staffId: id, changes: { areas } });
  await assert.rejects(change(['orders', 'audit']), refused('not_allowed', 'audit'));
  await assert.rejects(
    updateStaff(panel.app, actor, { staffId: boss, changes: { areas: ['staff', 'payments'] } }),
    refused('not_allowed', 'payments'),
  );
  await change(['staff', 'orders']);
  assert.deepEqual((await readStaff(panel.app.db, id))?.areas, ['orders', 'staff']);
});

test('what somebody had from others stays when one without it changes the rest', async () => {
  const boss = await add(['staff', 'orders']);
  const id = await add(['audit', 'system']);
  const changes = { areas: ['audit', 'orders'] satisfies StaffArea[] };
  await updateStaff(panel.app, as(boss, 'staff'), { staffId: id, changes });
  assert.deepEqual((await readStaff(panel.app.db, id))?.areas, ['orders', 'audit']);
});

test('nobody raises a limit, their own or another’s, above their own', async () => {
  const boss = await add(['staff', 'payments'], { dailyLimit: limit('100') });
  const actor = as(boss, 'staff', 'payments');
  const set = (staffId: StaffId, dailyLimit: Amount | null) =>
    updateStaff(panel.app, actor, { staffId, changes: { dailyLimit } });
  await assert.rejects(set(boss, limit('100.01')), refused('not_allowed', 'daily_limit'));
  await assert.rejects(set(boss, null), refused('not_allowed', 'daily_limit'));
  const free = await add(['payments']);
  await set(free, limit('500'));
  await assert.rejects(set(free, limit('501')), refused('not_allowed', 'daily_limit'));
  await assert.rejects(
    add(['payments'], { by: actor, dailyLimit: null }),
    refused('not_allowed', 'daily_limit'),
  );
  await set(free, limit('100'));
  await set(boss, limit('10'));
  await assert.rejects(set(boss, limit('20')), refused('not_allowed', 'daily_limit'));
  await assert.rejects(set(free, limit('101')), refused('not_allowed', 'daily_limit'));
});

test('who was suspended or lost the area changes nobody, even with an old session', async () => {
  const boss = await add(['staff']);
  const other = await add([]);
  const rename = (by: StaffId) =>
    updateStaff(panel.app, as(by, 'staff'), { staffId: other, changes: { areas: [] } });
  await rename(boss);
  await updateStaff(panel.app, staff, { staffId: boss, changes: { status: 'suspended' } });
  await assert.rejects(rename(boss), refused('not_allowed', 'staff'));
  await assert.rejects(rename(987_654 as StaffId), refused('not_allowed', 'staff'));
});

test('customers and staff without the area are refused, and nothing is written', async () => {
  const id = await add(['orders', 'audit']);
  const before = await listStaff(panel.app.db);
  const actors: Actor[] = [
    { kind: 'customer', customerId: 1 as CustomerId, keyId: null },
    as(id, 'orders', 'audit'),
  ];
  for (const actor of actors) {
    await assert.rejects(add([], { by: actor }), refused('not_allowed'));
    const input = { staffId: id, changes: { status: 'suspended' } as const };
    await assert.rejects(updateStaff(panel.app, actor, input), refused('not_allowed'));
  }
  await assert.rejects(
    updateStaff(panel.app, staff, { staffId: 987_654 as StaffId, changes: {} }),
    refused('not_found'),
  );
  assert.deepEqual(await listStaff(panel.app.db), before);
});

test('staff with a daily limit lower credit and change terms, but raise no credit', async () => {
  const { customerId } = await makeCustomer(panel);
  const limited = as(await add(['customers'], { dailyLimit: limit('50') }), 'customers');
  const free = as(await add(['customers']), 'customers');
  const setCredit = (by: Actor, amount: string) =>
    updateCustomer(panel.app, by, { customerId, changes: { creditLimit: limit(amount) } });
  const credit = async () => (await readCustomer(panel.app.db, customerId))?.creditLimit;
  await assert.rejects(setCredit(limited, '0.01'), refused('not_allowed', 'daily_limit'));
  assert.equal(await credit(), 0n);
  await setCredit(free, '20');
  await setCredit(limited, '20');
  await assert.rejects(setCredit(limited, '20.01'), refused('not_allowed', 'daily_limit'));
  await setCredit(limited, '5');
  assert.equal(await credit(), limit('5'));
  const changes = { discountBasisPoints: 10 };
  await updateCustomer(panel.app, limited, { customerId, changes });
});

test('the last member who may change staff stays, also when two change at once', async () => {
  const lone = await openTestPanel();
  try {
    const make = (name: string) =>
      addStaff(lone.app, staff, { name, areas: ['staff'], dailyLimit: null });
    const [one, two] = [await make('one'), await make('two')];
    const suspend = (by: StaffId, staffId: StaffId) =>
      updateStaff(lone.app, as(by, 'staff'), { staffId, changes: { status: 'suspended' } });
    const both = await Promise.allSettled([suspend(one, two), suspend(two, one)]);
    assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1);
    const left = (await listStaff(lone.app.db)).find(({ status }) => status === 'active');
    assert(left);
    for (const changes of [{ status: 'suspended' } as const, { areas: [] }]) {
      const last = { staffId: left.id, changes };
      await assert.rejects(updateStaff(lone.app, staff, last), refused('conflict'));
    }
    const other = left.id === one ? two : one;
    const back = { staffId: other, changes: { status: 'active' } as const };
    await updateStaff(lone.app, as(left.id, 'staff'), back);
    await suspend(other, left.id);
  } finally {
    await lone.close();
  }
});
