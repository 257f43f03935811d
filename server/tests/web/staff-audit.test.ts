import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { blockLink, updateSettings } from '../../src/catalog/index.ts';
import { createKey } from '../../src/customers/index.ts';
import { auditActions } from '../../src/db/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;

before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
});
after(() => panel.close());

type Row = {
  id: number;
  actor: string;
  actorName: string | null;
  action: string;
  subject: string;
  subjectName: string | null;
  orderId: number | null;
  customerId: number | null;
  before: object | null;
};
type Page = { rows: Row[]; next: string | null };

async function search(query: Record<string, string>): Promise<Page> {
  const { status, body } = await member.get(`/audit?${new URLSearchParams(query)}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body as Page;
}

test('the log is searched by actor, action, subject, customer and time', async () => {
  const { customerId } = await makeCustomer(panel);
  const from = new Date(panel.clock.now().getTime() + 1_000);
  panel.clock.advance(2_000);
  await updateSettings(panel.app, staff, { tagline: 'First' });
  await updateSettings(panel.app, { kind: 'staff', name: 'ann', access: 'full' }, { tagline: '2' });
  await blockLink(panel.app, staff, 'bad.example');
  const [newest] = (await search({ action: 'settings.' })).rows;
  assert.deepEqual([newest?.actor, newest?.before], ['staff:ann', { tagline: 'First' }]);
  assert.equal((await search({ actor: 'staff:ann' })).rows.length, 1);
  assert.equal((await search({ actor: 'staff:an' })).rows.length, 0);
  assert.equal((await search({ subject: 'bad.example' })).rows[0]?.action, 'link.block');
  const made = await search({ customerId: String(customerId) });
  assert.equal(made.rows.at(-1)?.subject, `customer:${customerId}`);
  assert(made.rows.every((row) => row.customerId === customerId));
  const since = await search({ from: from.toISOString() });
  assert.deepEqual(
    since.rows.map(({ action }) => action),
    ['link.block', 'settings.update', 'settings.update'],
  );
  const until = await search({ to: from.toISOString(), action: 'link.' });
  assert.equal(until.rows.length, 0);
});

test('one action is not what begins like it; with a dot at its end it is', async () => {
  await blockLink(panel.app, staff, 'other.example');
  assert((await search({ action: 'link.block' })).rows.length > 0);
  assert.equal((await search({ action: 'link.bloc' })).rows.length, 0);
  assert.equal((await search({ action: 'link' })).rows.length, 0);
  assert((await search({ action: 'link.' })).rows.length > 0);
});

test('customers and what was changed are named, but no link that looks like them', async () => {
  const { customerId } = await makeCustomer(panel);
  const service = await makeService(panel);
  const actor = { kind: 'customer', customerId, keyId: null, actingStaff: 'ann' } as const;
  const { id: keyId } = await createKey(panel.app, actor, { customerId, name: 'Till' });
  const texts = [`service:${service}`, `customer:${customerId}`, 'service:99999999999999999999'];
  for (const text of texts) await blockLink(panel.app, staff, text);
  const named = async (query: Record<string, string>) => {
    const [row] = (await search(query)).rows;
    return [row?.subjectName, row?.actorName, row?.orderId];
  };
  const customer = await panel.owner.db
    .selectFrom('customers')
    .select('name')
    .where('id', '=', customerId)
    .executeTakeFirstOrThrow();
  assert.deepEqual(await named({ subject: `key:${keyId}` }), ['Till', customer.name, null]);
  assert.deepEqual(await named({ subject: `customer:${customerId}`, action: 'customer.create' }), [
    customer.name,
    null,
    null,
  ]);
  const [made] = (await search({ subject: `service:${service}`, action: 'service.create' })).rows;
  assert.equal(typeof made?.subjectName, 'string');
  for (const text of texts) {
    assert.deepEqual(await named({ subject: text, action: 'link.block' }), [null, null, null]);
  }
});

test('every action that the log holds has its place in the list of actions', async () => {
  const { body } = await member.get('/audit/words');
  const known: readonly string[] = auditActions;
  for (const action of (body as { actions: string[] }).actions) assert(known.includes(action));
  assert.deepEqual(known, known.toSorted());
});

test('pages neither repeat nor miss a row', async () => {
  const whole = (await search({ limit: '100' })).rows.map(({ id }) => id);
  const seen: number[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: Page = await search({ limit: '2', ...(cursor !== '' && { cursor }) });
    seen.push(...page.rows.map(({ id }) => id));
    cursor = page.next;
  }
  assert.deepEqual(seen, whole);
});

test('what can be searched for is each action once, and no customers', async () => {
  const { status, body } = await member.get('/audit/words');
  assert.equal(status, 200);
  const { actions, actors } = body as { actions: string[]; actors: string[] };
  assert.equal(new Set(actions).size, actions.length);
  assert(['link.block', 'settings.update', 'staff.add'].every((each) => actions.includes(each)));
  assert(actors.includes('staff:ann'));
  assert(actors.every((actor) => !actor.startsWith('customer:')));
});

test('a search that cannot be is refused', async () => {
  for (const query of ['cursor=abc', 'from=yesterday', 'customerId=0', 'limit=101', 'actor=']) {
    assert.equal((await member.get(`/audit?${query}`)).status, 400, query);
  }
});

test('without the permission nothing is read', async () => {
  const clerk = await openMember(panel, ['orders', 'staff', 'settings', 'system']);
  assert.equal((await clerk.get('/audit')).status, 403);
  assert.equal((await clerk.get('/audit/words')).status, 403);
});
