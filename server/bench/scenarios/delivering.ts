import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Actor, ProviderId } from '../../src/base/index.ts';
import { setProviderState } from '../../src/providers/index.ts';
import { addProviders, routeServices } from '../deliveries.ts';
import { type OpenCall, type OpenLoadResult, runOpenLoad } from '../open-load.ts';
import { type Panel, withPanel } from '../panel.ts';
import { readRssMiB } from '../processes.ts';
import { orderBody, randomOf, seedCustomers, seededMax, seedServices } from '../seed.ts';
import { type Measurement, median, type Scenario, type Session } from '../session.ts';
import { startUpstream } from '../upstream.ts';

const actor: Actor = { kind: 'system', name: 'bench' };
const customersMade = 500;
const services = 100;
const providersMade = 10;
/** At the provider. So an order is asked for twice: after 5 seconds and after 10. */
const endsAfterMsMost = 8_000;
const parts = 5;
const warmUpSeconds = 10;
const waitingSecondsMax = 3;
const lateSecondsMax = 10;
/** The last half minute is never done with; a check begins each minute and takes some seconds. */
const uncheckedSecondsMax = 120;
/** For what is under way at the end. */
const restSecondsMax = 60;
const pollMs = 500;

/**
 * All of it at once for longer than a minute, as checks of what changed run each minute: orders at
 * a steady rate, sent to ten providers, followed and settled there. What orders take must not grow:
 * the better p50 of the last two fifths of the time is compared with that of the first two.
 * The rate is half of what two cores did; on less of a machine `--size` says another.
 */
export const delivering: Scenario = {
  name: 'delivering',
  measures: 'orders/s that are sent and settled for 110 s: p50 of the last 40 against the first',
  unit: '× p50',
  target: 1.5,
  judgedBy: 'most',
  size: 500,
  seconds: 20,
  filled: 'can',
  rssMiBMax: 300,
  timeoutMs: 600_000,
  run: (session) =>
    withPanel(session, async (panel) => {
      const endsAfterMs = Math.min(endsAfterMsMost, session.secondsPerRun * 1_000);
      const upstream = await startUpstream(session, {
        ...{ orders: 0, quantity: seededMax, pollsPerChange: 1, endsAfterMs },
      });
      try {
        if (session.filled === undefined) await seedServices(panel, services);
        await stopProviders(panel);
        const providers = await addProviders(panel, upstream, providersMade);
        await routeServices(panel, providers);
        return await measure(session, { panel, providers, endsAfterMs });
      } finally {
        await upstream.process.stop();
      }
    }),
};

type Delivery = { panel: Panel; providers: readonly ProviderId[]; endsAfterMs: number };

async function measure(session: Session, delivery: Delivery): Promise<Measurement> {
  const { size: perSecond } = session;
  const { panel } = delivery;
  const calls = await makeCalls(session, panel);
  const api = await panel.serve('api');
  const worker = await panel.serve('worker');
  const load = await runOpenLoad(session, { url: api.url, calls, perSecond });
  const atEnd = await look(delivery);
  const restSeconds = await untilDone(delivery);
  const rssMiB = Math.max(...[api, worker].map(({ process }) => readRssMiB(process.pid)));
  await Promise.all([api, worker].map(({ process }) => process.stop()));
  const found = { ...atEnd, restSeconds, ...(await countDone(delivery)) };
  // Who measures on a filled folder later orders for nobody, as before.
  await routeServices(panel, []);
  await panel.verify();
  const { notes, ...times } = compareParts(load);
  return {
    ...times,
    reference: null,
    rssMiB,
    note: [`${perSecond} orders/s`, ...notes, describe(found)].join('; '),
    misses: findMisses(found, { perSecond, placed: calls.length }),
  };
}

/** Those of a filled folder are nobody; that they are stopped is work for the worker, too. */
async function stopProviders({ app }: Panel): Promise<void> {
  for (const { id: providerId } of await app.db.selectFrom('providers').select('id').execute()) {
    await setProviderState(app, actor, { providerId, state: 'paused' });
  }
}

/** The kind of a call is the part of the time in which it falls due, from 1; 0 is the warm-up. */
async function makeCalls(
  { size, secondsPerRun }: Session,
  panel: Panel,
): Promise<readonly OpenCall[]> {
  const customers = await seedCustomers(panel, customersMade);
  const warmUp = size * Math.min(warmUpSeconds, secondsPerRun);
  return Array.from({ length: warmUp + parts * size * secondsPerRun }, (_, at) => {
    const kind = String(Math.ceil((at + 1 - warmUp) / (size * secondsPerRun)));
    return { kind, prefix: '{"order":', body: orderBody(randomOf(customers).key) };
  });
}

const byP50 = ({ p50Ms }: { p50Ms: number }) => p50Ms;

function compareParts({ kinds, lateMs }: OpenLoadResult) {
  const all = Object.entries(kinds).flatMap(([part, times]) => (Number(part) > 0 ? [times] : []));
  assert(all.length === parts);
  // Of two, as what else the machine does meets one of them more often than both.
  const [first, last] = [all.slice(0, 2), all.slice(-2)].map((two) => median(two, byP50));
  assert(first !== undefined && last !== undefined);
  const print = (values: readonly number[]) => values.map((ms) => ms.toFixed(1)).join(', ');
  return {
    value: last.p50Ms / first.p50Ms,
    p50Ms: last.p50Ms,
    p99Ms: last.p99Ms,
    notes: [
      `p50 ${print(all.map(byP50))} ms`,
      `p99 ${print(all.map(({ p99Ms }) => p99Ms))} ms`,
      `sent ${lateMs.toFixed(1)} ms after they were due`,
    ],
  };
}

/** What is seen at the end of the load. */
type Standing = {
  /** Orders that are not sent yet. */
  waiting: number;
  /** For how long the order that was followed longest was over at its provider. */
  lateSeconds: number;
  /** Since the last change that is checked for good. */
  uncheckedSeconds: number;
};

/** What is seen once nothing is under way any more. */
type Rest = { restSeconds: number; done: number; refunded: number };

async function look(delivery: Delivery): Promise<Standing & { open: number }> {
  const { panel, providers, endsAfterMs } = delivery;
  const [row] = await panel.owner.sql<(Standing & { open: number })[]>`
    select count(*)::int as open,
      count(*) filter (where state in ('due', 'sending'))::int as waiting,
      coalesce(greatest(0, extract(epoch from
        now() - min(accepted_at) filter (where state = 'following')) - ${endsAfterMs / 1_000}), 0)
        ::float8 as "lateSeconds",
      (select coalesce(extract(epoch from now() - checked_until), 'infinity')::float8
        from verify_marks) as "uncheckedSeconds"
    from deliveries where due_at is not null and provider_id = any(${providers}::int[])`;
  assert(row !== undefined);
  return row;
}

/** Waits until nothing is under way any more, or for so long that something is stuck. */
async function untilDone(delivery: Delivery): Promise<number> {
  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1_000;
  while ((await look(delivery)).open > 0 && seconds() < restSecondsMax) await delay(pollMs);
  return seconds();
}

async function countDone({ panel, providers }: Delivery) {
  const [row] = await panel.owner.sql<{ done: number; refunded: number }[]>`
    select count(*)::int as done, count(*) filter (where o.refunded > 0)::int as refunded
    from deliveries d join orders o on o.customer_id = d.customer_id and o.id = d.order_id
    where d.provider_id = any(${providers}::int[]) and d.state = 'done'`;
  assert(row !== undefined);
  return row;
}

function describe(found: Standing & Rest): string {
  const { waiting, lateSeconds, uncheckedSeconds, done, refunded, restSeconds } = found;
  return [
    `${waiting} waited at the end, statuses up to ${lateSeconds.toFixed(1)} s late`,
    `checked until ${uncheckedSeconds.toFixed(0)} s before`,
    `${done} settled ${restSeconds.toFixed(0)} s later, ${refunded} with a refund`,
  ].join(', ');
}

/** What did not keep up, in words. Pure. */
export function findMisses(
  found: Standing & Rest,
  { perSecond, placed }: { perSecond: number; placed: number },
): string[] {
  const { waiting, lateSeconds, uncheckedSeconds, done, refunded } = found;
  return [
    ...(waiting > waitingSecondsMax * perSecond ? [`sent: ${waiting} orders waited`] : []),
    ...(lateSeconds > lateSecondsMax ? ['followed: statuses came too late'] : []),
    ...(uncheckedSeconds > uncheckedSecondsMax ? ['checked: what changed in time'] : []),
    ...(done < placed ? [`settled: ${placed - done} of ${placed} orders`] : []),
    ...(refunded === 0 ? ['refunded: a single order'] : []),
  ];
}
