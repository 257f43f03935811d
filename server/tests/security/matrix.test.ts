import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type CustomerId,
  minuteMs,
  type OrderId,
  type PaymentId,
  type StaffArea,
  staffAreas,
} from '../../src/base/index.ts';
import { readCancel } from '../../src/cancels/index.ts';
import { updateSettings } from '../../src/catalog/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { readCustomerTimeline } from '../../src/fulfilment/index.ts';
import { actionCalls } from '../../src/http/api-v2/definition.ts';
import { readOrder } from '../../src/orders/index.ts';
import { readInstructions, readOwnPayment } from '../../src/payments/index.ts';
import { findRefillRefusal } from '../../src/refills/index.ts';
import { updateStaff } from '../../src/staff/index.ts';
import { staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import {
  anyStaff,
  areasFor,
  closedToSuspended,
  freshRoutes,
  openRoutes,
  ownedFields,
} from './access.ts';
import { makeObjects, missing, type Objects, requestOf } from './objects.ts';
import { addSession, digestTables, openSession, openStaff, type Session } from './people.ts';
import { codeOf, nameOf, openPages, type Pages, type Route } from './routes.ts';

// Every route of the routers, called by everybody who may not, with the numbers of what is there.

let panel: TestPanel;
let pages: Pages;
let objects: Objects;
let owner: Session;
let ownerId: CustomerId;
let key: string;

before(async () => {
  panel = await openTestPanel();
  pages = await openPages(panel);
  const made = await makeObjects(panel);
  ({ customerId: ownerId, key } = made);
  owner = await openSession(panel, { customerId: ownerId });
  const colleague = await openStaff(panel, ['orders']);
  objects = { ...made.objects, id: owner.id, staffId: String(colleague.staffId) };
});
after(async () => {
  pages.close();
  await panel.close();
});

type Answer = { status: number; code: string; text: string };

async function ask(route: Route, who: Record<string, string>, named = objects): Promise<Answer> {
  const { path, headers, ...init } = requestOf(route, named);
  const answer = await pages.fetch(path, { ...init, headers: { ...headers, ...who } });
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
    await answer.body?.cancel();
    return { status: answer.status, code: '', text: '' };
  }
  const text = await answer.text();
  return { status: answer.status, code: codeOf(text), text };
}

const events: Route = {
  ...{ api: 'customer', method: 'GET', path: '/events' },
  ...{ pathNames: [], queryNames: [], bodyNames: [], query: {}, body: undefined },
};
const routesOf = (...names: Route['api'][]) =>
  [...pages.routes, events].filter(({ api }) => names.includes(api));

/** Fails unless each of these routes is refused in this way. */
async function refuseAll(routes: Route[], who: Record<string, string>, expected: string) {
  const wrong = await Promise.all(
    routes.map(async (route) => {
      const { status, code } = await ask(route, who);
      return `${status} ${code}` === expected ? [] : [`${nameOf(route)}: ${status} ${code}`];
    }),
  );
  assert.deepEqual(wrong.flat(), [], `not ${expected}`);
}

/** Fails when this work changed anything that is stored. */
async function changesNothing(work: () => Promise<void>): Promise<void> {
  const digest = await digestTables(panel);
  await work();
  assert.deepEqual(await digestTables(panel), digest);
}

const isOpen = (route: Route) => openRoutes.includes(nameOf(route));
const closed = () => routesOf('account', 'customer', 'admin').filter((route) => !isOpen(route));

test('all routes are known: those of the routers stand in their descriptions', () => {
  assert(pages.routes.length > 130);
  assert.deepEqual(pages.undescribed, [
    'GET /api/account/openapi.json',
    'GET /api/admin/openapi.json',
    'GET /api/customer/events',
    'GET /api/customer/openapi.json',
    'PATCH /api/admin/staff', // a guard that guards more than there is
  ]);
  const names = pages.routes.map(nameOf);
  for (const name of [...openRoutes, ...closedToSuspended, ...anyStaff, ...freshRoutes]) {
    assert(names.includes(name), `${name} is no route any more`);
  }
});

test('each operation stands under one declared area of its API, and no area is empty', async () => {
  for (const api of ['account', 'customer', 'admin']) {
    const answer = await pages.fetch(`/api/${api}/openapi.json`);
    const { tags, paths }: Described = Object(await answer.json());
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [`${method} ${path}`, operation] as const,
      ),
    );
    const declared = tags.map(({ name }) => name);
    for (const [name, operation] of operations) {
      assert.equal(operation.tags?.length, 1, `${api}: ${name} has no tag`);
    }
    const used = new Set(operations.flatMap(([, operation]) => operation.tags ?? []));
    assert.deepEqual([...used].sort(), declared.toSorted(), api);
  }
});

type Described = {
  tags: { name: string }[];
  paths: Record<string, Record<string, { tags?: string[] }>>;
};

test('nobody is let in without a session, nor by an API key in its place', async () => {
  const ended = await addSession(panel, owner.userId, { endsAt: panel.clock.now() });
  const strangers: Record<string, string>[] = [
    {},
    { authorization: `Bearer ${key}` },
    { 'x-api-key': key },
    { cookie: `panelwright.session_token=${key}` },
    { authorization: `Bearer ${owner.headers.cookie?.split('=')[1]}` },
    ended.headers,
  ];
  await changesNothing(async () => {
    for (const who of strangers) await refuseAll(closed(), who, '401 not_signed_in');
  });
});

test('a session opens nothing at the panel API, in the place of a key', async () => {
  const token = decodeURIComponent(owner.headers.cookie?.split('=')[1] ?? '');
  for (const text of [token, token.split('.')[0] ?? '']) {
    const answer = await panel.callText({ action: 'balance', key: text });
    assert.equal(answer, '{"error":"Invalid API key"}');
  }
});

test('customers reach no route of staff', async () => {
  const suspended = await suspendedCustomer();
  await changesNothing(async () => {
    for (const { headers } of [owner, suspended]) {
      await refuseAll(routesOf('admin'), headers, '403 not_allowed');
    }
  });
});

async function suspendedCustomer(): Promise<Session> {
  const { customerId } = await makeObjects(panel);
  const session = await openSession(panel, { customerId });
  const changes = { status: 'suspended', reason: 'a trial' } as const;
  await updateCustomer(panel.app, staff, { customerId, changes });
  return session;
}

test('a suspended customer orders nothing and asks for nothing, but looks', async () => {
  const { headers } = await suspendedCustomer();
  const [denied, allowed] = split(routesOf('customer'), (route) =>
    closedToSuspended.includes(nameOf(route)),
  );
  await changesNothing(() => refuseAll(denied, headers, '403 customer_suspended'));
  const read = allowed.filter(({ method }) => method === 'GET');
  for (const route of read) {
    const { status } = await ask(route, headers);
    assert([200, 404].includes(status), `${nameOf(route)}: ${status}`);
  }
});

function split<T>(items: T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

test('staff with one area do what belongs to it, and nothing else', async () => {
  const forStaff = routesOf('admin').filter((route) => !anyStaff.includes(nameOf(route)));
  const forCustomers = routesOf('customer').filter((route) => !isOpen(route));
  const all: StaffArea[][] = [[], ...staffAreas.map((area) => [area])];
  for (const areas of all) {
    const { headers } = await openStaff(panel, areas);
    const foreign = forStaff.filter(
      (route) => !areasFor(nameOf(route)).some((area) => areas.includes(area)),
    );
    await changesNothing(() =>
      refuseAll([...foreign, ...forCustomers], headers, '403 not_allowed'),
    );
  }
});

test('staff with the area reach each of its routes', async () => {
  const members = new Map<StaffArea, Session>();
  for (const area of staffAreas) members.set(area, await openStaff(panel, [area]));
  for (const route of pages.routes.filter(({ api }) => api === 'admin')) {
    const name = nameOf(route);
    for (const area of anyStaff.includes(name) ? staffAreas : areasFor(name)) {
      const { status, text } = await ask(route, members.get(area)?.headers ?? {}, missing);
      assert(![401, 403].includes(status) && status < 500, `${name}: ${status} ${text}`);
    }
  }
});

test('staff without the second factor that they need, or suspended, do nothing', async () => {
  const poor = await openStaff(panel, staffAreas);
  const gone = await openStaff(panel, staffAreas);
  const changes = { status: 'suspended' } as const;
  await updateStaff(panel.app, staff, { staffId: gone.staffId, changes });
  await updateSettings(panel.app, staff, { isSecondFactorRequired: true });
  await refuseAll(routesOf('admin'), poor.headers, '403 second_factor_required');
  await refuseAll(closed(), gone.headers, '401 not_signed_in');
  await updateSettings(panel.app, staff, { isSecondFactorRequired: false });
});

test('who acts as a customer is a customer, and no staff', async () => {
  const clerk = await openStaff(panel, staffAreas);
  const acting = await addSession(panel, clerk.userId, { acting: ownerId });
  await refuseAll(routesOf('admin'), acting.headers, '403 not_allowed');
  const [orders] = routesOf('customer').filter(({ path }) => path === '/orders/{orderId}');
  assert(orders !== undefined);
  assert.equal((await ask(orders, acting.headers)).status, 200);
  // Who lost the permission acts as nobody any more.
  const changes = { areas: ['orders' as const] };
  await updateStaff(panel.app, staff, { staffId: clerk.staffId, changes });
  await refuseAll([orders], acting.headers, '403 not_allowed');
});

test('what moves money, or hands out a login, asks for a sign-in that is fresh', async () => {
  const since = new Date(panel.clock.now().getTime() - 11 * minuteMs);
  const { headers } = await openStaff(panel, staffAreas, { since });
  const asking = routesOf('admin').filter((route) => freshRoutes.includes(nameOf(route)));
  assert.equal(asking.length, freshRoutes.length);
  await changesNothing(() => refuseAll(asking, headers, '403 confirm_first'));
});

test('no other site makes the browser of who is signed in change anything', async () => {
  const clerk = await openStaff(panel, staffAreas);
  const changing = pages.routes.filter(({ method }) => method !== 'GET');
  const others: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  await changesNothing(async () => {
    for (const headers of others) {
      for (const { headers: cookie } of [owner, clerk]) {
        await refuseAll(changing, { ...cookie, ...headers }, '403 not_allowed');
      }
    }
  });
});

test('what is of another customer is answered exactly as what is not there', async () => {
  const other = await makeObjects(panel);
  const clerk = await openStaff(panel, ['customers']);
  const strangers = [
    await openSession(panel, { customerId: other.customerId }),
    await addSession(panel, clerk.userId, { acting: other.customerId }),
  ];
  const routes = routesOf('customer', 'account').filter((route) => ownedFields(route).length > 0);
  assert(routes.length >= 10);
  await changesNothing(async () => {
    for (const { headers } of strangers) {
      for (const route of routes) await refuseAsMissing(route, headers);
    }
  });
  // And what is refused there is what its owner gets.
  for (const route of routes) {
    const own = await makeObjects(panel);
    const session = await openSession(panel, { customerId: own.customerId });
    const second = await addSession(panel, session.userId);
    const named = { ...own.objects, id: second.id };
    const absent = await ask(route, session.headers, missing);
    const { status, text } = await ask(route, session.headers, named);
    assert.equal(Math.floor(status / 100), 2, `${nameOf(route)}: ${text}`);
    assert.notEqual(hideIds(text), hideIds(absent.text), nameOf(route));
  }
});

async function refuseAsMissing(route: Route, who: Record<string, string>): Promise<void> {
  const [foreign, absent] = [await ask(route, who), await ask(route, who, missing)];
  assert.equal(hideIds(foreign.text), hideIds(absent.text), nameOf(route));
  assert.equal(foreign.status, absent.status, nameOf(route));
  if (route.pathNames.length > 0) assert.equal(foreign.status, 404, nameOf(route));
}

test('each query of one thing asks by itself for whose it is', async () => {
  const { customerId } = await makeObjects(panel);
  const { db } = panel.app;
  const orderId = BigInt(objects.orderId ?? 0) as OrderId;
  const paymentId = BigInt(objects.paymentId ?? 0) as PaymentId;
  const queries: Record<string, (customerId: CustomerId) => Promise<unknown>> = {
    readOrder: (of) => readOrder(db, { customerId: of, orderId }),
    readCustomerTimeline: (of) => readCustomerTimeline(db, { customerId: of, orderId }),
    findRefillRefusal: (of) => findRefillRefusal(panel.app, { customerId: of, orderId }),
    readCancel: (of) => readCancel(panel.app, { customerId: of, orderId }),
    readOwnPayment: (of) => readOwnPayment(db, { customerId: of, paymentId }),
    readInstructions: (of) => readInstructions(db, { customerId: of, paymentId }),
  };
  for (const [name, query] of Object.entries(queries)) {
    await query(ownerId);
    await assert.rejects(query(customerId), /no order|no payment/, name);
  }
});

test('the panel API knows no order and no refill of another customer', async () => {
  const other = await makeObjects(panel);
  const calls = Object.entries(actionCalls).flatMap(([action, ways]) =>
    ways.map(({ parameters }) => ({ action, parameters: parameters as readonly string[] })),
  );
  const naming = calls.filter(({ parameters }) =>
    parameters.some((name) => ['order', 'orders', 'refill', 'refills'].includes(name)),
  );
  assert(naming.length >= 7);
  await changesNothing(async () => {
    for (const { action, parameters } of naming) {
      const replies = [];
      for (const { orders: order = '', refillId: refill = '' } of [objects, missing]) {
        const ids: Record<string, string> = { order, orders: order, refill, refills: refill };
        const named = parameters.filter((name) => name in ids);
        const given = Object.fromEntries(named.map((name) => [name, ids[name] ?? '']));
        replies.push(await panel.callText({ action, key: other.key, ...given }));
      }
      assert.equal(hideIds(replies[0] ?? ''), hideIds(replies[1] ?? ''), action);
      assert.match(replies[0] ?? '', /Incorrect order ID|Refill not found/i, action);
    }
  });
});

/** The numbers that a question named are in its answer. */
function hideIds(text: string): string {
  const ids = [...Object.values(missing), ...Object.values(objects)];
  return ids.reduce((hidden, id) => hidden.replaceAll(new RegExp(`\\b${id}\\b`, 'g'), '#'), text);
}
