import assert from 'node:assert/strict';
import type { ProviderId, ServiceId } from '../../src/base/index.ts';
import type { Plan, ScriptedFault } from '../../src/sandbox/index.ts';
import { type FakeUpstream, startFakeUpstream } from '../fake-upstream.ts';
import type { TestPanel } from '../harness.ts';
import type { Random } from '../random.ts';
import { sellFrom } from './processes.ts';

/** How what is unknown at a provider can be found out. */
export type Kind = 'by_staff' | 'by_request_id' | 'by_ids';

export type Target = {
  kind: Kind;
  upstream: FakeUpstream;
  providerId: ProviderId;
  service: ServiceId;
};

const requestIdField = 'request_id';

/** A provider of this kind that answers soon, and what is sold of it. */
export async function openTarget(panel: TestPanel, kind: Kind): Promise<Target> {
  const field = kind === 'by_request_id' ? { requestIdField } : {};
  const upstream = await startFakeUpstream({
    balance: '100000.00',
    pace: { pendingMs: 200, deliverMs: 800 },
    ...field,
  });
  const settings = { name: kind, addTimeoutMs: 1_000, ...field };
  const sold = await sellFrom(panel, upstream, settings);
  if (kind === 'by_ids') {
    await panel.owner.sql`
      update providers set ids_increase = true where id = ${sold.providerId}`;
    await panel.owner.sql`
      insert into provider_services (provider_id, external_id, position, name, category, type,
        is_type_known, cost, refill, cancel, dripfeed, seen_at)
      values (${sold.providerId}, '1', 1, 'Plain', 'First', 'Default', true, 90000000, true, true,
        true, now())`;
  }
  return { kind, upstream, ...sold };
}

const addFaults: readonly ScriptedFault[] = [
  { kind: 'accept_then_500' },
  { kind: 'accept_then_reset' },
  { kind: 'accept_then_html', status: 502 },
  { kind: 'accept_then_cut_json' },
  { kind: 'accept_then_empty' },
  { kind: 'accept_then_redirect' },
  { kind: 'accept_then_hang' },
  { kind: 'reset_after', bytes: 20 },
  { kind: 'duplicate_id' },
  { kind: 'error_500' },
  { kind: 'reset' },
  { kind: 'refuse', error: 'Bad link' },
  { kind: 'rate_limit', retryAfter: '1' },
];
const statusFaults: readonly ScriptedFault[] = [
  { kind: 'error_500' },
  { kind: 'html' },
  { kind: 'accept_then_reset' },
  { kind: 'rows_missing' },
  { kind: 'rows_list' },
  { kind: 'rows_proto' },
  { kind: 'rows_regress' },
];
const statusFaultsEach = 20;
const ends: readonly Plan[] = [
  { end: 'Partial', remains: 37 },
  { end: 'Canceled' },
  { end: 'Completed' },
];

/** What the seed says of each link: where it is sold, how it ends there, and what goes wrong. */
export type Script = {
  orders: { link: string; target: Target }[];
  ends: Map<string, Plan>;
  /** Links for which a provider answers another order's id. */
  duplicates: Set<string>;
};

/** Writes what becomes of so many orders, half of them where only staff can find out. */
export async function writeScript(
  random: Random,
  targets: readonly Target[],
  ordersMax: number,
): Promise<Script> {
  const [byStaff, ...others] = targets;
  assert(byStaff);
  const orders = Array.from({ length: ordersMax }, (_, at) => {
    const target = at % 2 === 0 ? byStaff : others[Math.floor(at / 2) % others.length];
    return { link: `https://example.com/storm/${at}`, target: target ?? byStaff };
  });
  const script: Script = { orders, ends: new Map(), duplicates: new Set() };
  const faults = new Map<Target, ScriptedFault[]>(targets.map((target) => [target, []]));
  for (const { link, target } of orders) {
    if (random(100) < 35) faults.get(target)?.push(faultFor(script, { link, target }, random));
    if (random(100) >= 15) continue;
    const plan = ends[random(ends.length)] ?? {};
    script.ends.set(link, plan);
    await target.upstream.plan({ link }, plan);
  }
  for (const [target, scripted] of faults) {
    for (let count = 0; count < statusFaultsEach; count += 1) {
      const fault = statusFaults[random(statusFaults.length)];
      assert(fault);
      scripted.push({ ...fault, on: { action: 'status' } });
    }
    await target.upstream.script(...scripted);
  }
  return script;
}

function faultFor(
  script: Script,
  { link, target }: Script['orders'][number],
  random: Random,
): ScriptedFault {
  // A provider that answers other orders' ids is none whose ids say anything.
  const possible = addFaults.filter(
    ({ kind }) => kind !== 'duplicate_id' || target.kind !== 'by_ids',
  );
  const fault = possible[random(possible.length)];
  assert(fault);
  if (fault.kind === 'duplicate_id') script.duplicates.add(link);
  return { ...fault, on: { action: 'add', link } };
}
