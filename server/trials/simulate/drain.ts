import { hourMs } from '../../src/base/index.ts';
import {
  closeCancels,
  expireCancels,
  forwardCancels,
  resolveCancels,
} from '../../src/cancels/index.ts';
import {
  expireLeases,
  forwardDue,
  pollDue,
  reconcileDue,
  rerouteDue,
} from '../../src/fulfilment/index.ts';
import { findProvider, setProviderState } from '../../src/providers/index.ts';
import { expireRefills, followRefills, forwardRefills } from '../../src/refills/index.ts';
import { must } from './model.ts';
import { type Provider, staff, type World } from './world.ts';

const rounds = 8;
const roundMs = 2 * hourMs;
const ordersPerPassMax = 500;
const listMax = 100;
const listsMax = 20;

/**
 * Nothing breaks any more, and workers have their time: what was under way then gets on, or waits
 * for staff under a named reason.
 */
export async function drain(world: World): Promise<void> {
  world.faults.clear();
  world.network.dropHold();
  for (const { gate, done } of world.passes.splice(0)) {
    gate.open('answer');
    await done.catch(() => {});
  }
  for (const { id, host, sandbox } of world.providers) {
    const place = world.network.hosts.get(host);
    if (place !== undefined) place.isDown = false;
    sandbox.clearFaults();
    sandbox.setBalance('100000.00');
    await setProviderState(world.app, staff, { providerId: id, state: 'on' });
  }
  for (let round = 0; round < rounds; round += 1) {
    world.clock.advance(roundMs);
    if ((await passAll(world)) === 0) return;
  }
}

/** @returns how much there was to do */
async function passAll({ ctx, providers }: World): Promise<number> {
  const counts = [await expireLeases(ctx), await expireRefills(ctx), await expireCancels(ctx)];
  for (const { id } of providers) {
    const row = await findProvider(ctx.db, id);
    counts.push(await rerouteDue(ctx, row));
    counts.push(await forwardDue(ctx, row, { limit: ordersPerPassMax, brake: { isSet: false } }));
    counts.push(await pollDue(ctx, row, listsMax));
    counts.push(await reconcileDue(ctx, row));
    counts.push(await forwardCancels(ctx, row, listMax));
    counts.push(await forwardRefills(ctx, row, listMax));
    counts.push(await followRefills(ctx, row, listMax));
  }
  counts.push(await resolveCancels(ctx), await closeCancels(ctx));
  return counts.reduce((sum, count) => sum + count, 0);
}

type Underway = {
  id: bigint;
  kind: string;
  state: string;
  reason: string;
  providerId: number;
  external: string | null;
  /** Staff took it off their queue. */
  isLeft: boolean;
};

/** I8: nothing stands still by itself, and what ended upstream has ended here. @throws Broken */
export async function checkDrained(world: World): Promise<void> {
  const rows = await world.owner.sql<Underway[]>`
    select o.id, o.kind, d.state, d.reason, d.provider_id as "providerId",
      d.external_id as external, exists (
        select from delivery_events e where e.customer_id = o.customer_id and e.order_id = o.id
          and e.detail ->> 'decision' = 'acknowledge') as "isLeft"
    from orders o join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
    where o.completed_at is null`;
  for (const row of rows) {
    const { id, state, reason, kind, external } = row;
    const isStuck = state === 'due' || state === 'sending' || state === 'unknown';
    must(!isStuck, 'I8', () => `order ${id} is ${state} when all has had its time`);
    // What could not be applied and staff have acknowledged is left as it is.
    if (row.isLeft) continue;
    if (state !== 'following' || reason !== '' || kind !== 'single' || !world.isHonest) continue;
    const provider = world.providers.find((one) => one.id === row.providerId);
    const there = provider === undefined ? '' : statusThere(provider, external);
    const isOver = /"status":"(Completed|Canceled|Partial)"/.test(there);
    must(!isOver, 'I8', () => `order ${id} runs, and upstream it is ${there}`);
  }
}

/** I5: what only its upstream has ended stands here as it does there. @throws Broken */
export async function checkTruth(world: World): Promise<void> {
  const rows = await world.owner.sql<Ended[]>`
    select o.id, o.link, o.status, o.remains, d.provider_id as "providerId",
      d.external_id as external
    from orders o
    join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
    where o.kind = 'single' and o.completed_at is not null and d.external_id is not null
      and d.reason = '' and not exists (
        select from order_events e where e.customer_id = o.customer_id and e.order_id = o.id
          and e.actor <> 'system:poller')
      and exists (
        select from attempts a where a.customer_id = o.customer_id and a.order_id = o.id
          and a.number = d.attempts and coalesce(a.resolved_by, '') not like 'staff:%')`;
  for (const row of rows) {
    const { id, link, status, remains } = row;
    if (!world.isHonest || world.model.changed.has(link)) continue;
    const provider = world.providers.find((one) => one.id === row.providerId);
    if (provider === undefined) continue;
    const there: unknown = JSON.parse(statusThere(provider, row.external));
    const said = `${Reflect.get(Object(there), 'status')} ${Reflect.get(Object(there), 'remains')}`;
    const here = `${status} ${remains}`;
    must(said === here, 'I5', () => `order ${id} is ${here} here, ${said} there`);
  }
}

type Ended = {
  id: bigint;
  link: string;
  status: string;
  remains: bigint;
  providerId: number;
  external: string | null;
};

function statusThere({ sandbox, key }: Provider, external: string | null): string {
  return String(sandbox.handle({ key, action: 'status', order: external ?? '' }).body);
}
