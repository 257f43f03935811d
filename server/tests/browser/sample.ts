import { dayMs, hourMs, minuteMs, parseAmount } from '../../src/base/index.ts';
import { closeCancels, forwardCancels } from '../../src/cancels/index.ts';
import {
  importServices,
  listServices,
  syncProvider,
  updateSettings,
} from '../../src/catalog/index.ts';
import { rollUpDue } from '../../src/figures/index.ts';
import { calibrateProvider } from '../../src/fulfilment/index.ts';
import { createDueRuns } from '../../src/orders/index.ts';
import {
  addMethod,
  adjustBalance,
  confirmPayment,
  reportPaid,
  startPayment,
} from '../../src/payments/index.ts';
import { followRefills, forwardRefills } from '../../src/refills/index.ts';
import type { ScriptedFault } from '../../src/sandbox/index.ts';
import { placeForeign } from '../delivery/lost-orders.ts';
import { openUpstream, place, type Upstream } from '../delivery/upstream.ts';
import { staff } from '../factories.ts';
import { customerActor } from '../payments/steps.ts';
import type { SignInPanel, Visitor } from '../sign-in/visitor.ts';
import { sampleServices } from './sample-catalog.ts';
import { makePeople, makeStaff, type Person, signInAs } from './sample-people.ts';
import type { Stage } from './stage.ts';

/** A panel as it looks after two weeks of work. */
export type Sample = {
  customer: Visitor;
  /** May do everything. */
  operator: Visitor;
  /** What stands in the addresses of pages: `orderId` and the like. */
  ids: Record<string, string>;
  upstream: Upstream;
  /** The customer's, for the API. */
  key: string;
  /** Services of the plain type. */
  services: readonly number[];
};

const daysBack = 12;
const quantities = [100, 250, 500, 1_000, 2_500, 5_000];

/** Fills a panel with what a small business has: catalog, customers, orders in every state. */
export async function makeSample({ panel, keep }: Pick<Stage, 'panel' | 'keep'>): Promise<Sample> {
  const now = panel.clock.now().getTime();
  panel.clock.advance(-daysBack * dayMs);
  await dressPanel(panel);
  const upstream = keep(await openSupply(panel));
  const emails = await makeStaff(panel);
  const people = await makePeople(panel);
  const [me] = people;
  const services = await plainServices(panel);
  for (let day = 1; day < daysBack - 1; day += 1) {
    await workDay({ panel, upstream, people, services, day });
  }
  const ids = await makeToday({ panel, upstream, services, me });
  panel.clock.advance(now - panel.clock.now().getTime());
  await makePayments(panel, me);
  while ((await rollUpDue(panel.app)) > 0);
  return {
    customer: await signInAs(panel, me.email),
    operator: await signInAs(panel, emails.mei ?? ''),
    ids: { ...ids, customerId: String(me.customerId), providerId: String(upstream.providerId) },
    upstream,
    key: me.key,
    services: services.map(({ id }) => id),
  };
}

async function dressPanel(panel: SignInPanel): Promise<void> {
  await updateSettings(panel.app, staff, {
    name: 'Clearwater',
    tagline: 'Orders delivered, refunds without asking.',
    announcement: 'Deposits by bank transfer have a 5% bonus until the end of the month.',
    contact: 'support@clearwater.example',
    terms: 'What was not delivered is refunded to your balance.',
    languages: ['en', 'zh-CN'],
    isPriceListPublic: true,
    showDescription: true,
    showAverageTime: true,
  });
}

async function openSupply(panel: SignInPanel): Promise<Upstream> {
  const upstream = await openUpstream(panel, {
    name: 'Northgate Supply',
    services: sampleServices,
    balance: '2500.00',
    firstOrderId: 480_211,
  });
  const { providerId } = upstream;
  await syncProvider(panel.app, staff, providerId);
  await importServices(panel.app, staff, { providerId, markupBasisPoints: 4_500 });
  await panel.app.catalog.refresh();
  return upstream;
}

type Sold = { id: number; name: string; min: number };

async function plainServices(panel: SignInPanel): Promise<Sold[]> {
  const services = await listServices(panel.app.db);
  return services
    .filter(({ type, max }) => type === 'Default' && max >= 5_000)
    .map(({ id, name, min }) => ({ id, name, min }));
}

type Work = { panel: SignInPanel; upstream: Upstream; services: readonly Sold[] };

/** A day of orders, which go well but for some. */
async function workDay(work: Work & { people: readonly Person[]; day: number }): Promise<void> {
  const { panel, upstream, services, people, day } = work;
  let made = day;
  for (const { key, orders } of people) {
    for (let count = 0; count < Math.ceil((orders * (4 + (day % 5))) / 8); count += 1) {
      made += 1;
      const service = services[(made * 5 + day) % services.length]?.id ?? 1;
      const link = `https://example.com/p/${day}${made}${service}`;
      if (made % 11 === 0) upstream.sandbox.plan({ link }, { end: 'Partial' });
      if (made % 17 === 0) upstream.sandbox.plan({ link }, { end: 'Canceled' });
      const quantity = quantities[(made * 7 + day) % quantities.length] ?? 100;
      await place(panel, { key, service, link, quantity });
    }
  }
  while ((await upstream.forward()) > 0);
  for (let hours = 0; hours < 24; hours += 8) {
    panel.clock.advance(8 * hourMs);
    while ((await upstream.poll()) > 0);
  }
}

/** What is under way now; answers the ids of what pages show one of. */
async function makeToday(work: Work & { me: Person }): Promise<Record<string, string>> {
  const { panel, upstream, services, me } = work;
  const { key } = me;
  let links = 0;
  const order = async (more: Record<string, string | number> = {}, fault?: ScriptedFault) => {
    links += 1;
    const link = `https://example.com/today/${links}`;
    if (fault) upstream.sandbox.script({ ...fault, on: { action: 'add', link } });
    const service = services[links % services.length]?.id ?? 1;
    const id = await place(panel, { key, service, link, quantity: 500, ...more });
    return { id, link };
  };
  const unknown = await makeUnknown(work, order);

  const followers = services.find(({ name }) => name.includes('30-day'))?.id ?? 1;
  const dripFeed = await order({
    service: services[0]?.id ?? 1,
    quantity: 100,
    runs: 6,
    interval: 60,
  });
  const held = await order({}, { kind: 'refuse', error: 'Link is private' });
  const delivered = await order({ service: followers, quantity: 1_000 });
  while ((await upstream.forward()) > 0);
  for (let hours = 0; hours < 26; hours += 1) {
    panel.clock.advance(hourMs);
    await createDueRuns(panel.app);
    while ((await upstream.forward()) > 0);
    while ((await upstream.poll()) > 0);
  }
  await panel.call({ key, action: 'refill', order: String(delivered.id) });
  await forwardRefills(upstream.ctx, await upstream.provider(), 100);
  await followRefills(upstream.ctx, await upstream.provider(), 100);

  const cancelled = await order({ service: followers, quantity: 2_000 });
  upstream.sandbox.plan({ link: cancelled.link }, { end: 'In progress', cancel: 'ignored' });
  const running = await order();
  upstream.sandbox.plan({ link: running.link }, { end: 'In progress', remains: 180 });
  while ((await upstream.forward()) > 0);
  await panel.call({ key, action: 'cancel', orders: String(cancelled.id) });
  await forwardCancels(upstream.ctx, await upstream.provider(), 100);
  panel.clock.advance(20 * minuteMs);
  while ((await upstream.poll()) > 0);
  await closeCancels(panel.app);
  await order();
  return {
    orderId: String(delivered.id),
    dripFeedId: String(dripFeed.id),
    unknownId: String(unknown),
    heldId: String(held.id),
    serviceId: String(followers),
  };
}

type Order = (
  more?: Record<string, string | number>,
  fault?: ScriptedFault,
) => Promise<{ id: bigint; link: string }>;

/** An order whose answer was lost, among others that nobody can tell it from. */
async function makeUnknown({ panel, upstream }: Work, order: Order): Promise<bigint> {
  for (let count = 0; count < 6; count += 1) {
    await order();
    await upstream.forward();
    panel.clock.advance(minuteMs);
  }
  await calibrateProvider(panel.app, staff, await upstream.provider());
  const missing = await order({}, { kind: 'accept_then_500' });
  await upstream.forward();
  placeForeign(upstream, '101');
  await order();
  await upstream.forward();
  for (let round = 0; round < 6; round += 1) {
    await upstream.reconcile();
    panel.clock.advance(30 * minuteMs);
  }
  return missing.id;
}

/** Money that came in, waits, and was corrected. */
async function makePayments(panel: SignInPanel, me: Person): Promise<void> {
  const { app } = panel;
  const { customerId } = me;
  const methodId = await addMethod(app, staff, {
    kind: 'manual',
    name: 'Bank transfer',
    instructions: 'Send {amount} with the number {payment} to DE00 1234 5678, Clearwater.',
    enabled: true,
    min: parseAmount('10', 'min'),
    max: parseAmount('5000', 'max'),
    bonusTiers: [{ from: parseAmount('100', 'from'), basisPoints: 500 }],
  });
  const actor = customerActor(customerId);
  const start = async (amount: string) => {
    const asked = { methodId, amount: parseAmount(amount, 'amount'), returnUrl: panel.url };
    return (await startPayment(app, actor, asked)).paymentId;
  };
  const paid = await start('200');
  await reportPaid(app, actor, { paymentId: paid, note: 'Sent today' });
  await confirmPayment(app, staff, { paymentId: paid });
  await reportPaid(app, actor, { paymentId: await start('75'), note: 'Reference 88-120' });
  await start('30');
  const amount = parseAmount('4.2', 'amount');
  await adjustBalance(app, staff, { customerId, amount, reason: 'Goodwill for a late order' });
}
