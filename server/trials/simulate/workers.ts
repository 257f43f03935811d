import {
  closeCancels,
  expireCancels,
  forwardCancels,
  resolveCancels,
} from '../../src/cancels/index.ts';
import { syncProvider } from '../../src/catalog/index.ts';
import { rollUpDue } from '../../src/figures/index.ts';
import {
  expireLeases,
  forwardDue,
  pollDue,
  reconcileDue,
  rerouteDue,
} from '../../src/fulfilment/index.ts';
import { createDuePosts, createDueRuns, expireSubscriptions } from '../../src/orders/index.ts';
import { expirePayments } from '../../src/payments/index.ts';
import {
  findProvider,
  isHeldBack,
  type Provider as ProviderRow,
  watchBalances,
} from '../../src/providers/index.ts';
import { expireRefills, followRefills, forwardRefills } from '../../src/refills/index.ts';
import { learnOrders } from './model.ts';
import { type Operation, pick, scale } from './operations.ts';
import { learnImported } from './shop.ts';
import { staff, type World } from './world.ts';

const listMax = 100;
const roundsMax = 20;

/** A pass of a worker for one provider. */
export async function passFor(world: World, operation: Operation): Promise<string> {
  const provider = pick(world.providers, operation.a);
  if (provider === undefined) return 'nothing';
  const row = await findProvider(world.app.db, provider.id);
  if (isHeldBack(row, world.app.clock.now())) return 'held back';
  const { faults, network } = world;
  const isAlone = faults.isKilling() || faults.isCutting() || network.isHolding();
  const limit = isAlone ? 1 : 1 + scale(operation.b, 40);
  return runPass(world, passOf(world, { operation, row, limit }));
}

type Passing = { operation: Operation; row: ProviderRow; limit: number };

function passOf({ ctx }: World, { operation, row, limit }: Passing): () => Promise<number> {
  switch (operation.kind) {
    case 'forward':
      return async () => {
        await rerouteDue(ctx, row);
        return forwardDue(ctx, row, { limit, brake: { isSet: false } });
      };
    case 'poll':
      return () => pollDue(ctx, row, 1);
    case 'reconcile':
      return () => reconcileDue(ctx, row);
    default:
      return async () => {
        const cancels = await forwardCancels(ctx, row, listMax);
        const refills = await forwardRefills(ctx, row, listMax);
        return cancels + refills + (await followRefills(ctx, row, listMax));
      };
  }
}

/** Runs a pass until it is over, waits for an answer, or its process is killed. */
async function runPass(world: World, work: () => Promise<number>): Promise<string> {
  const stop = world.faults.nextStop();
  return watch(world, {
    done: work().then((count) => `did ${count}`),
    stop,
  });
}

type Watched = { done: Promise<string>; stop: ReturnType<World['faults']['nextStop']> };

async function watch(world: World, { done, stop }: Watched): Promise<string> {
  // Left behind, it may fail when nobody looks any more.
  done.catch(() => {});
  const first = await Promise.race([done, stop]).finally(world.faults.endWatch);
  if (typeof first === 'string') return first;
  if (first.kind === 'held') world.passes.push({ gate: first.gate, done });
  return first.kind;
}

/** Lets a call that waits be answered, or its connection break; its pass goes on. */
export async function release(world: World, operation: Operation): Promise<string> {
  const place = scale(operation.a, world.passes.length);
  const [pass] = world.passes.splice(place, 1);
  if (pass === undefined) return 'nothing';
  const stop = world.faults.nextStop();
  pass.gate.open(operation.b % 5 === 0 ? 'break' : 'answer');
  return watch(world, { done: pass.done, stop });
}

/** Takes work back from workers that have died. */
export async function expire({ ctx }: World): Promise<string> {
  const counts = [
    await expireLeases(ctx),
    await expireRefills(ctx),
    await expireCancels(ctx),
    await resolveCancels(ctx),
    await closeCancels(ctx),
  ];
  return counts.join(' ');
}

/** Creates due runs and posts, and ends subscriptions. */
export async function passParents(world: World): Promise<string> {
  const { ctx } = world;
  let runs = 0;
  for (let round = 0; round < roundsMax; round += 1) {
    const created = await createDueRuns(ctx);
    runs += created;
    if (created === 0) break;
  }
  const posts = await createDuePosts(ctx);
  await learnOrders(world);
  return `${runs} ${posts} ${await expireSubscriptions(ctx)}`;
}

/** Work that belongs to no provider's orders. */
export async function doChores(world: World, operation: Operation): Promise<string> {
  const { app, ctx } = world;
  switch (scale(operation.a, 5)) {
    case 0:
      return `balances ${await watchBalances(ctx)}`;
    case 1:
      return `figures ${await rollUpDue(ctx)}`;
    case 2:
      return `payments ${await expirePayments(ctx)}`;
    case 3:
      await app.upstreams.flush();
      return 'health';
    default:
      await app.keyring.flushLastUse();
      await world.api.flush();
      return 'key use';
  }
}

/** Reads an upstream's catalog anew. */
export async function sync(world: World, operation: Operation): Promise<string> {
  const provider = pick(world.providers, operation.a);
  if (provider === undefined) return 'nothing';
  await syncProvider(world.ctx, staff, provider.id).finally(async () => {
    await world.app.catalog.refresh();
    await learnImported(world);
  });
  return 'synced';
}
