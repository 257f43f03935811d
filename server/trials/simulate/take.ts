import { AppError } from '../../src/base/index.ts';
import * as customers from './customers.ts';
import { Broken, learnOrders } from './model.ts';
import { type Operation, type OperationKind, scale } from './operations.ts';
import * as payments from './payments.ts';
import * as reads from './reads.ts';
import * as staff from './staff.ts';
import * as upstreams from './upstreams.ts';
import * as workers from './workers.ts';
import type { World } from './world.ts';

type Taker = (world: World, operation: Operation) => string | Promise<string>;

const takers: Readonly<Record<OperationKind, Taker>> = {
  place: customers.place,
  place_many: customers.placeMany,
  repeat: customers.repeat,
  status: customers.status,
  ask: customers.ask,
  deposit: customers.deposit,
  adjust: customers.adjust,
  start_paying: payments.startPaying,
  report_payment: payments.report,
  decide_payment: payments.decidePayment,
  look: reads.look,
  ask_refill: (world, operation) => customers.askFor(world, operation, 'refill'),
  ask_cancel: (world, operation) => customers.askFor(world, operation, 'cancel'),
  pause: customers.pause,
  settle: staff.settle,
  decide: staff.decide,
  decide_cancel: staff.decideRequest,
  decide_refill: (world, operation) => staff.moveRefill(world, operation, false),
  send_refill: (world, operation) => staff.moveRefill(world, operation, true),
  stop_parent: staff.handle,
  send_by: staff.handle,
  ask_on_behalf: staff.askOnBehalf,
  act_on_many: staff.actOnMany,
  acknowledge: staff.handle,
  announce: staff.announce,
  change_terms: staff.changeTerms,
  change_service: staff.changeService,
  change_settings: staff.changePanel,
  change_routes: staff.changePanel,
  suspend: staff.suspend,
  rotate_key: staff.rotate,
  change_provider: staff.changeProvider,
  forward: workers.passFor,
  poll: workers.passFor,
  reconcile: workers.passFor,
  pass_requests: workers.passFor,
  expire: workers.expire,
  parents: workers.passParents,
  chores: workers.doChores,
  sync: workers.sync,
  fault: upstreams.addFault,
  plan: upstreams.plan,
  fund: upstreams.fund,
  post_upstream: upstreams.postUpstream,
  change_upstream: upstreams.changeCatalog,
  decide_changes: staff.decideHeld,
  hold: upstreams.arm,
  kill: upstreams.arm,
  cut: upstreams.arm,
  release: workers.release,
  wait: (world, operation) => pass(world, operation, 'wait'),
  jump: (world, operation) => pass(world, operation, 'jump'),
  restart: async (world) => {
    await world.restart();
    return 'restarted';
  },
  cut_all: cutAll,
};

/** Where an answer may be lost: what the world then believes is what it finds. */
const cuttable: ReadonlySet<OperationKind> = new Set<OperationKind>([
  ...(['place', 'place_many', 'repeat', 'status', 'deposit', 'adjust'] as const),
  ...(['ask_refill', 'ask_cancel', 'pause', 'settle', 'decide', 'decide_cancel'] as const),
  ...(['decide_refill', 'send_refill', 'stop_parent', 'send_by', 'acknowledge'] as const),
  ...(['ask_on_behalf'] as const),
  ...(['announce', 'forward', 'poll', 'reconcile', 'pass_requests', 'expire'] as const),
  ...(['parents', 'chores', 'release', 'look'] as const),
]);

/** What makes orders that nobody was told of. */
const creative: ReadonlySet<OperationKind> = new Set<OperationKind>(['poll', 'release']);

/**
 * Lets one operation happen.
 * @returns what came of it, the same for the same history
 * @throws Broken for what must never be
 */
export async function take(world: World, operation: Operation): Promise<string> {
  const { faults } = world;
  if (cuttable.has(operation.kind)) faults.startCut();
  let outcome: string;
  try {
    outcome = await takers[operation.kind](world, operation);
  } catch (error) {
    outcome = outcomeOf(world, error);
  }
  const isCut = faults.endCut();
  if (isCut) await untilQuiet(world);
  if (isCut || creative.has(operation.kind)) await learnOrders(world);
  return isCut ? `${outcome}, cut` : outcome;
}

function outcomeOf({ faults }: World, error: unknown): string {
  if (error instanceof Broken) throw error;
  if (error instanceof AppError) return `refused: ${error.code}`;
  if (faults.isCut()) return 'lost';
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  throw new Broken('unexpected', text);
}

const quietMsMax = 60_000;

/** What a broken connection left open is rolled back by its server a moment later. */
async function untilQuiet({ owner }: World): Promise<void> {
  const started = performance.now();
  while (performance.now() - started < quietMsMax) {
    const [row] = await owner.sql<{ count: number }[]>`
      select count(*)::int as count from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()
        and (xact_start is not null or state = 'active') and backend_type = 'client backend'`;
    if (row?.count === 0) return;
  }
  throw new Broken('unexpected', 'a transaction stays open after its connection broke');
}

const jumpsMs = [-3_600_000, -60_000, 60_000, 3_600_000, 86_400_000];

function pass({ clock }: World, { a, b }: Operation, kind: 'wait' | 'jump'): string {
  if (kind === 'jump') {
    const ms = jumpsMs[scale(a, jumpsMs.length)] ?? 0;
    clock.jump(ms);
    return `${ms}`;
  }
  // From a second to half a day, small steps as often as large ones.
  const ms = Math.round(1_000 * 43_200 ** (a / 1_000_000)) + scale(b, 1_000);
  clock.advance(ms);
  return `${ms}`;
}

const probes = 6;
const probeRoundsMax = 50;

/** Ends every connection of the panel at once, as its database does when it stops. */
async function cutAll({ app, owner }: World): Promise<string> {
  await owner.sql`
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and application_name = 'panelwright'
      and usename = current_user and pid <> pg_backend_pid() and not query like '%terminate%'`;
  for (let round = 0; round < probeRoundsMax; round += 1) {
    const answers = await Promise.allSettled(
      Array.from({ length: probes }, () =>
        app.db.selectFrom('settings').select('currency').execute(),
      ),
    );
    if (answers.every(({ status }) => status === 'fulfilled')) return 'cut';
  }
  throw new Broken('unexpected', 'the panel does not come back to its database');
}
