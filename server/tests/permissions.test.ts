import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  type Actor,
  type CustomerId,
  type StaffArea,
  type StaffId,
  staffAreas,
} from '../src/base/index.ts';
import { makeCustomer } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

// Every command that a module exports is found in the source by its form, `(ctx, actor, …)`, and
// has to stand in one of these tables: a new one fails here until somebody has said who may do it.

/** What staff need to do it. A customer is refused, too, except what stands in `customersToo`. */
const areas: Readonly<Record<string, StaffArea>> = {
  'alarms/testAlarm': 'settings',
  'alarms/updateAlarmSettings': 'settings',
  'backup/endBackups': 'settings',
  'cancels/cancelParent': 'orders',
  'cancels/decideCancel': 'orders',
  'cancels/requestCancelFor': 'orders',
  'catalog/applyListing': 'services',
  'catalog/blockLink': 'settings',
  'catalog/createService': 'services',
  'catalog/decideChange': 'services',
  'catalog/decideChanges': 'services',
  'catalog/duplicateService': 'services',
  'catalog/importServices': 'services',
  'catalog/moveCategory': 'services',
  'catalog/moveServices': 'services',
  'catalog/placeCategory': 'services',
  'catalog/renameCategory': 'services',
  'catalog/repriceServices': 'services',
  'catalog/setLogo': 'settings',
  'catalog/setRoutes': 'services',
  'catalog/switchServices': 'services',
  'catalog/syncProvider': 'services',
  'catalog/unblockLink': 'settings',
  'catalog/updateService': 'services',
  'catalog/updateSettings': 'settings',
  'customers/createCustomer': 'customers',
  'customers/createKey': 'customers',
  'customers/liftMoneyStop': 'payments',
  'customers/revokeKey': 'customers',
  'customers/rotateKey': 'customers',
  'customers/setAllowedAddresses': 'customers',
  'customers/setCustomerPrice': 'customers',
  'customers/updateCustomer': 'customers',
  'figures/recomputeFigures': 'system',
  'fulfilment/acknowledgeDelivery': 'orders',
  'fulfilment/actOnOrders': 'orders',
  'fulfilment/calibrateProvider': 'providers',
  'fulfilment/decideDelivery': 'orders',
  'fulfilment/sendBy': 'orders',
  'orders/announcePost': 'orders',
  'orders/setPaused': 'orders',
  'orders/settleOrder': 'orders',
  'orders/settleOrders': 'orders',
  'payments/addFunds': 'payments',
  'payments/addMethod': 'settings',
  'payments/adjustBalance': 'payments',
  'payments/clearFlag': 'payments',
  'payments/confirmPayment': 'payments',
  'payments/dismissStray': 'payments',
  'payments/moveMethod': 'settings',
  'payments/rejectPayment': 'payments',
  'payments/updateMethod': 'settings',
  'payments/waiveOwed': 'payments',
  'providers/addProvider': 'providers',
  'providers/setProviderState': 'providers',
  'providers/testProvider': 'providers',
  'providers/updateProvider': 'providers',
  'refills/decideRefill': 'orders',
  'refills/requestRefillFor': 'orders',
  'refills/sendRefill': 'orders',
  'retention/applyRetention': 'settings',
  'retention/updatePolicy': 'settings',
  'sign-in/addUser': 'customers',
  'sign-in/createPasswordToken': 'customers',
  'sign-in/endStaffSessions': 'staff',
  'sign-in/inviteCustomer': 'customers',
  'sign-in/inviteStaff': 'staff',
  'sign-in/inviteUser': 'customers',
  'sign-in/resetFactors': 'staff',
  'sign-in/startActing': 'customers',
  'staff/addStaff': 'staff',
  'staff/updateStaff': 'staff',
  'system/confirmRestore': 'system',
  'system/retryMails': 'system',
  'system/runVerify': 'system',
  'system/startVerify': 'system',
  'system/testMail': 'settings',
};

/** Commands that customers do for themselves, and nobody else. */
const customersOnly = [
  'payments/dismissPayment',
  'payments/reportPaid',
  'payments/resumePayment',
  'payments/startPayment',
];
/** Commands of customers that staff with the permission do for them. */
const customersToo = [
  'customers/createKey',
  'customers/revokeKey',
  'customers/rotateKey',
  'customers/setAllowedAddresses',
  'orders/setPaused',
];
/**
 * The one ends what began with the permission: whoever has lost that must be able to stop. The
 * other is for gateways, whose signature the web hook has checked.
 */
const unguarded = ['payments/applyReport', 'sign-in/stopActing'];

const source = fileURLToPath(new URL('../src', import.meta.url));

type Command = (ctx: object, actor: Actor, input: unknown) => Promise<unknown>;

let panel: TestPanel;
let commands: Map<string, Command>;
let customerId: CustomerId;
let otherId: CustomerId;

before(async () => {
  panel = await openTestPanel();
  ({ customerId } = await makeCustomer(panel));
  ({ customerId: otherId } = await makeCustomer(panel));
  commands = await findCommands();
});
after(() => panel.close());

/** The commands that a folder's index exports, by `folder/name`. */
async function findCommands(): Promise<Map<string, Command>> {
  const found = new Map<string, Command>();
  const folders = readdirSync(source, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  for (const folder of folders) {
    const names = readdirSync(join(source, folder))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) => commandsIn(readFileSync(join(source, folder, file), 'utf8')));
    if (names.length === 0) continue;
    const exported: object = await import(join(source, folder, 'index.ts'));
    for (const name of names) {
      const command: unknown = Reflect.get(exported, name);
      if (typeof command === 'function') found.set(`${folder}/${name}`, command as Command);
    }
  }
  return found;
}

/** Functions whose second parameter is an actor of any kind. */
function commandsIn(text: string): string[] {
  const form =
    /^export (?:async )?function (\w+)(?:<[^(]*>)?\(\s*ctx: [^)]*?,\s*actor: Actor[,)]/gm;
  return [...text.matchAll(form)].map((match) => match[1] ?? '');
}

const without = (area: StaffArea | null): Actor => ({
  kind: 'staff',
  name: 'somebody',
  access: {
    staffId: 999_999 as StaffId,
    areas: new Set(staffAreas.filter((other) => other !== area && area !== null)),
  },
});

/** Enough for every command to come to its permission check. */
const input = () => ({
  customerId: otherId,
  owner: { customerId: otherId },
  email: 'nobody@example.com',
  password: 'a-password-of-nobody',
  orderId: 1n,
});

const isRefused = (detail?: string) => (error: unknown) => {
  const { code, detail: given } = Object(error);
  assert.deepEqual([code, detail ?? given], ['not_allowed', given], String(error));
  return true;
};

test('every command of the code stands in a table that says who may do it', () => {
  const listed = [...Object.keys(areas), ...customersOnly, ...unguarded].sort();
  assert(commands.size > 40);
  assert.deepEqual([...commands.keys()].sort(), listed);
});

for (const [name, area] of Object.entries(areas)) {
  test(`${name} is refused for staff without "${area}"`, async () => {
    const before = await countAudit();
    const command = commands.get(name) ?? assert.fail(`no command ${name}`);
    for (const actor of [without(area), without(null)]) {
      await assert.rejects(command(panel.app, actor, input()), isRefused(area));
    }
    assert.equal(await countAudit(), before);
  });

  if (!customersToo.includes(name)) {
    test(`${name} is refused for customers`, async () => {
      const command = commands.get(name) ?? assert.fail(`no command ${name}`);
      const actor: Actor = { kind: 'customer', customerId, keyId: null };
      const acting: Actor = { ...actor, actingStaff: 'somebody' };
      await assert.rejects(command(panel.app, actor, input()), isRefused());
      await assert.rejects(command(panel.app, acting, input()), isRefused());
    });
  }
}

for (const name of customersToo.filter((one) => one.startsWith('customers/'))) {
  test(`${name} is refused for another customer`, async () => {
    const command = commands.get(name) ?? assert.fail(`no command ${name}`);
    const actor: Actor = { kind: 'customer', customerId, keyId: null };
    await assert.rejects(command(panel.app, actor, input()), isRefused());
  });
}

for (const name of customersOnly) {
  test(`${name} is refused for staff, whatever they may do`, async () => {
    const command = commands.get(name) ?? assert.fail(`no command ${name}`);
    const all: Actor = { kind: 'staff', name: 'cli', access: 'full' };
    await assert.rejects(command(panel.app, all, input()), isRefused());
  });
}

async function countAudit(): Promise<number> {
  const [row] = await panel.owner.sql`select count(*)::int as count from audit`;
  return Number(row?.count);
}
