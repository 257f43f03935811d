import { addsOf, type Plan, type ScriptedFault, sandboxServices } from '../../src/sandbox/index.ts';
import { killPoints } from './broken.ts';
import { recent } from './customers.ts';
import { isWithin, type Operation, pick, scale } from './operations.ts';
import type { World } from './world.ts';

const addFaults: readonly ScriptedFault[] = [
  { kind: 'accept_then_500' },
  { kind: 'accept_then_reset' },
  { kind: 'accept_then_html', status: 502 },
  { kind: 'accept_then_cut_json' },
  { kind: 'accept_then_empty' },
  { kind: 'accept_then_redirect' },
  { kind: 'accept_then_hang' },
  { kind: 'reset_after', bytes: 20 },
  { kind: 'endless_body' },
  { kind: 'error_500' },
  { kind: 'html', status: 503 },
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'refuse', error: 'Bad link' },
  { kind: 'refuse', error: 'Incorrect service ID' },
  { kind: 'refuse', error: 'neworder.error.not_enough_funds' },
  { kind: 'refuse', error: 'Your account has been suspended.' },
  { kind: 'rate_limit', retryAfter: '3' },
];

const readFaults: readonly ScriptedFault[] = [
  { kind: 'error_500' },
  { kind: 'html' },
  { kind: 'accept_then_reset' },
  { kind: 'accept_then_hang' },
  { kind: 'accept_then_cut_json' },
  { kind: 'rate_limit', retryAfter: '2' },
  { kind: 'rows_missing' },
  { kind: 'rows_list' },
  { kind: 'rows_list', idField: 'order' },
  { kind: 'rows_proto' },
  { kind: 'rows_regress' },
  { kind: 'rows_bare' },
  { kind: 'rows_fields', fields: { remains: 'Unknown' } },
  { kind: 'rows_fields', fields: { status: 'Fulfilled' } },
  { kind: 'rows_fields', fields: { remains: '-7' } },
];

/** What nobody can tell from the truth. */
const lies: readonly ScriptedFault[] = [
  { kind: 'duplicate_id', on: { action: 'add' } },
  { kind: 'rows_swapped', on: { action: 'status' } },
  { kind: 'rows_fields', fields: { status: 'Canceled' }, on: { action: 'status' } },
  { kind: 'rows_fields', fields: { status: 'Partial', remains: '3' }, on: { action: 'status' } },
  { kind: 'rows_fields', fields: { remains: '999999999' }, on: { action: 'status' } },
  { kind: 'rows_foreign', orders: [1, 2, 3], on: { action: 'status' } },
];

const readActions = [
  'status',
  'status',
  'refill',
  'cancel',
  'refill_status',
  'balance',
  'services',
];

/** Something goes wrong with the next call of a kind at an upstream, or nothing listens there. */
export function addFault(world: World, operation: Operation): string {
  const provider = pick(world.providers, operation.a);
  const host = provider && world.network.hosts.get(provider.host);
  if (provider === undefined || host === undefined) return 'nothing';
  host.isDown = isWithin(operation.d, 4);
  if (host.isDown) return 'down';
  if (!world.isHonest && isWithin(operation.d, 20)) {
    const lie = pick(lies, operation.b);
    if (lie !== undefined) provider.sandbox.script(lie);
    return `lie ${lie?.kind}`;
  }
  const isAdd = isWithin(operation.d, 65);
  const fault = pick(isAdd ? addFaults : readFaults, operation.b);
  const action = isAdd ? 'add' : pick(readActions, operation.c);
  if (fault === undefined || action === undefined) return 'nothing';
  provider.sandbox.script({ ...fault, on: { action } });
  return `${action} ${fault.kind}`;
}

const ends: readonly Plan[] = [
  { end: 'Partial', remains: 37 },
  { end: 'Partial', remains: 0 },
  { end: 'Canceled' },
  { end: 'Completed' },
  { end: 'In progress' },
  { cancel: 'ignored' },
  { refill: 'Rejected' },
  { refill: 'Error' },
  { deliverMs: 86_400_000 },
];

/** Says what becomes of an order, wherever it goes or has gone. */
export function plan(world: World, operation: Operation): string {
  const order = pick(recent(world), operation.a);
  const end = pick(ends, operation.b);
  if (order === undefined || end === undefined) return 'nothing';
  const { link } = order;
  for (const { sandbox } of world.providers) {
    const isThere = addsOf(sandbox.journal()).some(({ params }) => params.link === link);
    if (isThere) world.model.changed.add(link);
    sandbox.plan({ link }, end);
  }
  return JSON.stringify(end);
}

/** Takes an upstream's funds, or gives it enough. */
export function fund(world: World, operation: Operation): string {
  const balance = isWithin(operation.b, 40) ? '0.00' : '100000.00';
  pick(world.providers, operation.a)?.sandbox.setBalance(balance);
  return balance;
}

/** A post of a user whose subscription an upstream keeps. */
export function postUpstream(world: World, operation: Operation): string {
  const kept = world.providers.flatMap(({ sandbox }) =>
    addsOf(sandbox.journal()).flatMap(({ service, order }) =>
      service.type === 'Subscriptions' ? [{ sandbox, order }] : [],
    ),
  );
  const one = pick(kept, operation.a);
  if (one === undefined) return 'nothing';
  one.sandbox.announce(one.order, `https://example.com/there/${operation.at}`);
  return 'posted';
}

/** An upstream changes what it sells: prices, bounds, or a service is gone for a while. */
export function changeCatalog(world: World, operation: Operation): string {
  const provider = pick(world.providers, operation.a);
  const changed = scale(operation.b, sandboxServices.length);
  // The prices of the world's own services stand; some become a loss at times.
  const rate = `${1 + scale(operation.c, 30)}.${scale(operation.d, 10)}`;
  const isGone = isWithin(operation.d, 15);
  const services = sandboxServices.flatMap((service, at) => {
    if (at !== changed) return [service];
    return isGone ? [] : [{ ...service, rate }];
  });
  provider?.sandbox.setServices(services);
  return isGone ? `gone ${changed}` : `${changed} for ${rate}`;
}

/** Arms what breaks the work that comes next. */
export function arm(world: World, operation: Operation): string {
  if (operation.kind === 'hold') {
    const when = isWithin(operation.b, 50) ? 'before' : 'after';
    world.network.holdNext(when);
    return when;
  }
  if (operation.kind === 'kill') {
    const name = pick(killPoints, operation.a) ?? 'forward.after_send';
    world.faults.killAt(name);
    return name;
  }
  const when = isWithin(operation.b, 50) ? 'before' : 'after';
  const statement = 1 + scale(operation.a, statementsMax);
  world.faults.cutAt({ statement, when });
  return `${when} ${statement}`;
}

/** An order is placed by some ten statements, a pass has up to thirty. */
const statementsMax = 24;
