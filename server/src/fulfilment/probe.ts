import { idsPerRequestMax } from '@panelwright/sdk';
import { sql } from 'kysely';
import { type Actor, AppError, type ProviderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, type Db, inTransaction, recordAudit } from '../db/index.ts';
import { awaitCall, type Provider, type ProvidersCtx } from '../providers/index.ts';
import { readBoundIds } from './external-ids.ts';
import type { UnknownAttempt } from './unknown.ts';

/** What asking for the ids around an attempt has shown. */
export type ProbeResult = {
  /** The id that is the order's; null when none or more than one could be. */
  found: string | null;
  /** Ids that the provider shows us and that belong to no order we know. */
  candidates: string[];
  /** The first and last id asked for. */
  from: string;
  to: string;
  problem: string;
};

const probedMax = 300;
const calibratedByMin = 5;
const calibratedByMax = 20;

/**
 * Looks for an order of ours that no attempt of ours has, among the ids between the last order
 * accepted before the attempt and the first one accepted after it. It is certain only if one such
 * order and one such attempt are there.
 */
export async function findByProbing(
  ctx: ProvidersCtx,
  provider: Provider,
  attempt: UnknownAttempt,
): Promise<ProbeResult> {
  const { from, to, rivals } = await readWindow(ctx.db, provider.id, attempt);
  const nothing = { found: null, candidates: [], from: String(from), to: String(to) };
  if (from === null || to === null) return { ...nothing, problem: 'no order before it is known' };
  const ids: string[] = [];
  for (let id = from; id <= to && ids.length <= probedMax; id += 1n) ids.push(String(id));
  if (ids.length > probedMax) return { ...nothing, problem: `more than ${probedMax} ids` };
  if (ids.length === 0) return { ...nothing, problem: 'no id lies between its neighbours' };
  const shown = await askIds(ctx, provider, ids);
  if (shown === undefined) return { ...nothing, problem: 'the provider did not answer' };
  const ours = await readKnownIds(ctx.db, provider.id, shown);
  const candidates = shown.filter((id) => !ours.has(id));
  const isCertain = candidates.length === 1 && rivals === 0;
  const problem = rivals > 0 ? `${rivals} other unknown attempts at that time` : '';
  return { ...nothing, found: isCertain ? (candidates[0] ?? null) : null, candidates, problem };
}

/** Which ids to ask for; null where nothing says where they begin. */
async function readWindow(
  db: Db,
  providerId: ProviderId,
  attempt: UnknownAttempt,
): Promise<{ from: bigint | null; to: bigint | null; rivals: number }> {
  const found = await sql<{ before: bigint | null; after: bigint | null; rivals: number }>`
    select
      (select max(external_id::numeric)::bigint from attempts
        where provider_id = ${providerId} and state = 'accepted'
          and ended_at <= ${attempt.startedAt}::timestamptz
          and ended_at > ${attempt.startedAt}::timestamptz - interval '7 days') as before,
      (select min(external_id::numeric)::bigint from attempts
        where provider_id = ${providerId} and state = 'accepted'
          and started_at >= ${attempt.endedAt}::timestamptz) as after,
      (select count(*)::int from attempts a
        where a.provider_id = ${providerId} and a.state in ('unknown', 'sending')
          and a.started_at <= ${attempt.endedAt}::timestamptz
          and coalesce(a.ended_at, a.lease_until) >= ${attempt.startedAt}::timestamptz
          and (a.customer_id, a.order_id) <> (${attempt.customerId}::int,
            ${attempt.orderId}::bigint)) as rivals`.execute(db);
  const row = found.rows[0];
  const before = row?.before ?? null;
  if (before === null) return { from: null, to: null, rivals: row?.rivals ?? 0 };
  const after = row?.after ?? before + BigInt(idsPerRequestMax) + 1n;
  return { from: before + 1n, to: after - 1n, rivals: row?.rivals ?? 0 };
}

/** Of some ids, those the provider knows as ours; undefined unless it answered for every one. */
async function askIds(
  ctx: ProvidersCtx,
  provider: Provider,
  ids: readonly string[],
): Promise<string[] | undefined> {
  const shown: string[] = [];
  for (let at = 0; at < ids.length; at += idsPerRequestMax) {
    await awaitCall(ctx, provider.id);
    const list = ids.slice(at, at + idsPerRequestMax);
    const { answers } = await ctx.upstreams.open(provider).statuses(list);
    for (const [id, answer] of answers) {
      if (answer.ok) shown.push(id);
      else if (answer.failure.kind !== 'refused') return undefined;
      else if (answer.failure.refusal.code !== 'incorrect_order') return undefined;
    }
  }
  return shown;
}

/** The ids of attempts, and those that an answer brought when it was too late for its attempt. */
async function readKnownIds(
  db: Db,
  providerId: ProviderId,
  ids: readonly string[],
): Promise<Set<string>> {
  const bound = await readBoundIds(db, providerId, ids);
  const late = await sql<{ id: string }>`
    select detail ->> 'externalId' as id from delivery_events
    where kind = 'late_answer' and detail ->> 'externalId' = any(${ids}::text[])`.execute(db);
  return new Set([...bound, ...late.rows.map((row) => row.id)]);
}

/**
 * Finds out whether a provider's order ids increase and whether it keeps other customers' orders to
 * itself, from the last orders it accepted and their neighbours; only then is probing allowed.
 * @returns why not, or an empty text when it is
 * @throws AppError `not_allowed` for a customer, `conflict` when too few orders are known
 */
export async function calibrateProvider(
  ctx: ProvidersCtx,
  actor: Actor,
  provider: Provider,
): Promise<string> {
  requireStaff(actor, 'providers');
  const found = await sql<{ id: string }>`
    select external_id as id from attempts
    where provider_id = ${provider.id} and state = 'accepted'
    order by ended_at desc, external_id::numeric desc limit ${calibratedByMax}`.execute(ctx.db);
  const ids = found.rows.map((row) => BigInt(row.id)).reverse();
  if (ids.length < calibratedByMin) {
    const message = `${ids.length} accepted orders are too few; ${calibratedByMin} are needed`;
    throw new AppError('conflict', message);
  }
  const problem = await findCalibrationProblem(ctx, provider, ids);
  await writeCalibration(ctx, actor, { provider, idsIncrease: problem === '' });
  return problem;
}

async function findCalibrationProblem(
  ctx: ProvidersCtx,
  provider: Provider,
  ids: readonly bigint[],
): Promise<string> {
  const isIncreasing = ids.every((id, at) => at === 0 || id > (ids[at - 1] ?? id));
  if (!isIncreasing) return 'its order ids do not increase';
  const own = new Set(ids.map(String));
  const neighbours = new Set(ids.flatMap((id) => [String(id - 1n), String(id + 1n)]));
  const foreign = [...neighbours]
    .filter((id) => !own.has(id) && id !== '0')
    .slice(0, idsPerRequestMax);
  const shown = await askIds(ctx, provider, foreign);
  if (shown === undefined) return 'it did not answer for the ids beside our orders';
  const known = await readKnownIds(ctx.db, provider.id, shown);
  return shown.every((id) => known.has(id)) ? '' : 'it shows orders that are not ours';
}

async function writeCalibration(
  ctx: Ctx,
  actor: Actor,
  input: { provider: Provider; idsIncrease: boolean },
): Promise<void> {
  const { provider, idsIncrease } = input;
  await inTransaction(ctx.db, async (tx) => {
    await sql`
      update providers set ids_increase = ${idsIncrease} where id = ${provider.id}`.execute(tx);
    await recordAudit(tx, {
      actor,
      action: 'provider.calibrate',
      subject: `provider:${provider.id}`,
      before: { idsIncrease: provider.idsIncrease },
      after: { idsIncrease },
      at: ctx.clock.now(),
    });
  });
}
