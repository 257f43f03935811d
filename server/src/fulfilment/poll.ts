import {
  idsPerRequestMax,
  type ReadFailure,
  type OrderStatus as UpstreamStatus,
} from '@panelwright/sdk';
import { sql } from 'kysely';
import { type Actor, type CustomerId, reach } from '../base/index.ts';
import { type Ctx, claimDueRows, inTransaction, onlyOf } from '../db/index.ts';
import type { OrdersCtx } from '../orders/index.ts';
import {
  heedTrouble,
  type Provider,
  type ProvidersCtx,
  takeCallSlots,
  takesQuestions,
  troubleOf,
  untilSlot,
} from '../providers/index.ts';
import { followSubscription } from './posts.ts';
import { pollSecondsMax, type Reading, readStatus, statusKey } from './rules.ts';
import type { Change, Due, Settler } from './settler.ts';

const actor: Actor = { kind: 'system', name: 'poller' };

/** What following orders needs besides the base context. */
export type PollCtx = ProvidersCtx & OrdersCtx & { settler: Settler };

type KeptChange = Change & { subscription: UpstreamStatus };

/**
 * Asks a provider about orders that are due, in lists of 100, and settles those that changed. What
 * is the same as last time is not written. An order is asked for by one worker at a time: taking it
 * moves its next time on, so a worker that dies costs one round and nothing else.
 * @returns how many orders were asked for
 */
export async function pollDue(ctx: PollCtx, provider: Provider, listsMax: number): Promise<number> {
  if (!takesQuestions(provider)) return 0;
  const now = ctx.clock.now();
  const due = await takeDue(ctx, { provider, now, limit: listsMax * idsPerRequestMax });
  if (due.length === 0) return 0;
  const lists: Due[][] = [];
  for (let at = 0; at < due.length; at += idsPerRequestMax)
    lists.push(due.slice(at, at + idsPerRequestMax));
  const slots = await takeCallSlots(ctx.db, { providerId: provider.id, count: lists.length, now });
  if (slots.length === 0) return 0;
  const changes = await Promise.all(
    lists.map(async (list, at) => {
      await untilSlot(ctx.clock, slots[at], ctx.leaving);
      return ctx.leaving?.aborted ? [] : askList(ctx, provider, list);
    }),
  );
  await reach('poll.after_reply');
  const [plain, kept] = partition(changes.flat());
  const failures = await settle(ctx, plain);
  failures.push(...(await settle(ctx, await followSubscriptions(ctx, provider, kept))));
  await reach('poll.after_commit');
  // Each is in the log with its order; the provider's work pauses a moment.
  if (failures.length > 0) throw failures[0];
  return due.length;
}

/**
 * Takes due orders and sets when each is due again, should nothing have changed: later by half each
 * time. Orders that are final by now are closed.
 */
function takeDue(
  ctx: Ctx,
  input: { provider: Provider; now: Date; limit: number },
): Promise<Due[]> {
  const due = sql`from deliveries where provider_id = ${input.provider.id}
    and state = 'following' and due_at <= ${input.now}::timestamptz`;
  const query = { due, customerId: 'customer_id', limit: input.limit };
  return claimDueRows(ctx.db, query, (only, limit) => takeSome(ctx, { ...input, limit }, only));
}

async function takeSome(
  ctx: Ctx,
  input: { provider: Provider; now: Date; limit: number },
  only: CustomerId | undefined,
): Promise<Due[]> {
  const found = await sql<Due & { isOver: boolean }>`
    with due as (
      select customer_id, order_id from deliveries
      where provider_id = ${input.provider.id} and state = 'following'
        and due_at <= ${input.now}::timestamptz${onlyOf('customer_id', only)}
      order by due_at limit ${input.limit}
      for update skip locked
    )
    update deliveries d set
      state = case when o.completed_at is null then 'following' else 'done' end,
      due_at = case when o.completed_at is null
        then to_timestamp(${input.now.getTime() / 1_000}::float8 + d.poll_seconds) end,
      poll_seconds = least(d.poll_seconds + d.poll_seconds / 2, ${pollSecondsMax})
    from due join orders o on o.customer_id = due.customer_id and o.id = due.order_id
    where d.customer_id = due.customer_id and d.order_id = due.order_id
      ${onlyOf('d.customer_id', only)}
    returning d.customer_id as "customerId", d.order_id as "orderId",
      d.provider_id as "providerId", d.external_id as "externalId", d.seen, d.reason,
      o.kind, o.quantity,
      d.is_delegated as "isDelegated",
      d.accepted_at as "acceptedAt", d.poll_seconds as "pollSeconds",
      o.completed_at is not null as "isOver"`.execute(ctx.db);
  return found.rows.filter((row) => !row.isOver);
}

/** One list; what can't be read is left for the next time. */
async function askList(ctx: ProvidersCtx, provider: Provider, list: Due[]): Promise<Change[]> {
  const byId = new Map(list.map((due) => [due.externalId, due]));
  const { answers, foreign } = await ctx.upstreams.open(provider).statuses([...byId.keys()]);
  if (foreign.length > 0) {
    ctx.log.warn({ provider: provider.id, foreign: foreign.length }, 'a reply names other orders');
  }
  const changes: Change[] = [];
  for (const [externalId, answer] of answers) {
    const due = byId.get(externalId);
    if (due === undefined) continue;
    const change = answer.ok ? toChange(due, answer.value) : await heedFailure(ctx, due, answer);
    if (change === 'stop') break;
    if (change !== undefined && change.key !== due.seen) changes.push(change);
  }
  return changes;
}

function toChange(due: Due, status: UpstreamStatus): Change {
  const { remains } = status;
  if (due.kind === 'subscription') {
    const reading: Reading = { kind: 'report', report: {} };
    return { due, key: statusKey(status), reading, remains: null, subscription: status };
  }
  return { due, key: statusKey(status), reading: readStatus(status, due), remains };
}

/** Of the changes, those that are a report and no more, and those of kept subscriptions. */
function partition(changes: readonly Change[]): [Change[], KeptChange[]] {
  const isKept = (change: Change): change is KeptChange => change.subscription !== undefined;
  return [changes.filter((change) => !isKept(change)), changes.filter(isKept)];
}

/**
 * Takes over what the provider's own subscriptions have made; a problem is for staff. Each goes by
 * itself: one that fails is looked at again the next time, and holds up no other.
 */
async function followSubscriptions(
  ctx: PollCtx,
  provider: Provider,
  changes: readonly KeptChange[],
): Promise<Change[]> {
  const followed: Change[] = [];
  for (const change of changes) {
    const { due, subscription: status } = change;
    if (ctx.leaving?.aborted) break;
    try {
      const { problem, isWhole } = await followSubscription(ctx, provider, { ...due, status });
      // Without its key it counts as changed the next time too, and is tried again.
      const key = problem === '' && isWhole ? change.key : '';
      const reading: Reading = problem === '' ? change.reading : { kind: 'flag', problem };
      followed.push({ ...change, key, reading });
    } catch (error) {
      if (error === ctx.leaving?.reason) break;
      const { orderId } = due;
      ctx.log.error({ error, provider: provider.id, orderId }, 'a subscription was not followed');
    }
  }
  return followed;
}

/** A refusal of one order is for staff; one of all of them stops the list. */
async function heedFailure(
  ctx: ProvidersCtx,
  due: Due,
  { failure }: { failure: ReadFailure },
): Promise<Change | 'stop' | undefined> {
  const trouble = troubleOf(failure);
  if (trouble !== null) {
    const at = ctx.clock.now();
    const { providerId } = due;
    await inTransaction(ctx.db, (tx) => heedTrouble(tx, trouble, { providerId, at, actor }));
    return 'stop';
  }
  if (failure.kind !== 'refused') return undefined;
  const { code, text } = failure.refusal;
  const problem = `the provider refuses to tell: ${text}`;
  return { due, key: `refused|${code}`, reading: { kind: 'flag', problem }, remains: null };
}

/** Resolves when all are settled, or have failed, with the failures. */
async function settle(ctx: PollCtx, changes: readonly Change[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(changes.map((change) => ctx.settler.submit(change)));
  return settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
}
