import { idsPerRequestMax, type OrderStatus as UpstreamStatus } from '@panelwright/sdk';
import { sql } from 'kysely';
import { type Actor, AppError, type ProviderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, type Db, inTransaction, recordAudit, restoredReason } from '../db/index.ts';
import { awaitCall, type Provider, type ProvidersCtx } from '../providers/index.ts';
import { compareCharge } from './evidence.ts';
import { readBoundIds } from './external-ids.ts';
import { askedAgain } from './rules.ts';
import type { UnknownAttempt } from './unknown.ts';

/** What asking for the ids around an attempt has shown. */
export type ProbeResult = {
  /** The one id that may be the order's; null when none or more than one could be. */
  found: string | null;
  /** Whether that one costs there what the order should. */
  charge: 'expected' | 'other' | 'unknown';
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
/** Orders that the provider runs itself: more are not asked for what they have made. */
const delegatedMax = idsPerRequestMax;

const nothing: ProbeResult = {
  found: null,
  charge: 'unknown',
  candidates: [],
  from: '',
  to: '',
  problem: '',
};

/**
 * Looks for an order of ours that no attempt of ours has, among the ids between the last order
 * accepted before the attempt and the first one accepted after it. It names one only if one such
 * order and one such attempt are there; whether that proves anything is `isProven`'s to say.
 */
export async function findByProbing(
  ctx: ProvidersCtx,
  provider: Provider,
  attempt: UnknownAttempt,
): Promise<ProbeResult> {
  const window = await readWindow(ctx.db, provider.id, attempt);
  if (window === undefined) return { ...nothing, problem: 'no order before it is known' };
  const { from, to, since, rivals } = window;
  const here = { ...nothing, from: String(from), to: String(to) };
  const ids: string[] = [];
  for (let id = from; id <= to && ids.length <= probedMax; id += 1n) ids.push(String(id));
  if (ids.length > probedMax) return { ...here, problem: `more than ${probedMax} ids` };
  if (ids.length === 0) return { ...here, problem: 'no id lies between its neighbours' };
  const strangers = await findStrangers(ctx, provider, { ids, since });
  if (typeof strangers === 'string') return { ...here, problem: strangers };
  const candidates = [...strangers.keys()];
  if (rivals > 0) {
    return { ...here, candidates, problem: `${rivals} other unknown attempts at that time` };
  }
  const [only] = strangers.values();
  if (only === undefined || candidates.length > 1) return { ...here, candidates, problem: '' };
  const charge = compareCharge(only.charge, attempt.cost);
  const problem = charge === 'other' ? `it costs ${only.charge} there` : '';
  return { ...here, found: candidates[0] ?? null, charge, candidates, problem };
}

type Window = {
  from: bigint;
  to: bigint;
  /** When the order before it was sent. */
  since: Date;
  /** Other attempts whose order may lie there as well. */
  rivals: number;
};

/**
 * Which ids to ask for; undefined where nothing says where they begin. Neighbours are orders that
 * were sent from here and answered: what staff have bound or a subscription has made says nothing
 * about when its id was given out. Ids from before a confirmed restore are none either: those that
 * follow them may be of orders that were lost with the time after the backup.
 */
async function readWindow(
  db: Db,
  providerId: ProviderId,
  attempt: UnknownAttempt,
): Promise<Window | undefined> {
  const found = await sql<{ before: string; since: Date; after: string | null; rivals: number }>`
    with neighbours as (
      select external_id::numeric as id, started_at, ended_at from attempts
      where provider_id = ${providerId} and ${isNeighbour}
        and started_at > ${attempt.startedAt}::timestamptz - interval '7 days'
    ), before as (
      select * from neighbours where ended_at <= ${attempt.startedAt}::timestamptz
        and (${attempt.reason === restoredReason} or not exists (
          select from restores where coalesce(confirmed_at, restored_at) >= started_at))
      order by id desc limit 1
    ), after as (
      select * from neighbours where started_at >= ${attempt.endedAt}::timestamptz
      order by id limit 1
    ), open as (
      -- Each by an index that holds nothing else.
      select * from attempts where provider_id = ${providerId} and state = 'unknown'
      union all
      select * from attempts where provider_id = ${providerId} and state = 'sending'
    )
    select b.id::text as before, b.started_at as since, f.id::text as after, (
      select count(*)::int from open u
      where (u.reason = ${askedAgain} or coalesce(u.ended_at, u.lease_until) >= b.started_at)
        and u.started_at <= coalesce(f.ended_at, 'infinity')
        and (u.customer_id, u.order_id) <> (${attempt.customerId}::int, ${attempt.orderId}::bigint)
    ) as rivals
    from before b left join after f on true`.execute(db);
  const [row] = found.rows;
  if (row === undefined) return undefined;
  const before = BigInt(row.before);
  const after = row.after === null ? before + BigInt(idsPerRequestMax) + 1n : BigInt(row.after);
  return { from: before + 1n, to: after - 1n, since: row.since, rivals: row.rivals };
}

const isNeighbour = sql`state = 'accepted' and lease_until > started_at
  and coalesce(resolved_by, '') not like 'staff:%'`;

/**
 * Of some ids, the orders that the provider shows us and that are nobody's: no attempt has them, no
 * late answer brought them, and no drip-feed or subscription that it runs itself has made them.
 * @returns a text that says why this can't be told
 */
async function findStrangers(
  ctx: ProvidersCtx,
  provider: Provider,
  { ids, since }: { ids: readonly string[]; since: Date },
): Promise<Map<string, UpstreamStatus> | string> {
  const parents = await readDelegated(ctx.db, provider.id, since);
  if (parents.size > delegatedMax) {
    return `more than ${delegatedMax} drip-feeds and subscriptions run there`;
  }
  const asked = ids.filter((id) => !parents.has(id));
  // They come last: what they had made when an id was shown, they name.
  const shown = await askIds(ctx, provider, [...asked, ...parents]);
  if (shown === undefined) return 'the provider did not answer';
  const isSilent = [...parents].some((id) => (shown.get(id)?.orders ?? null) === null);
  if (isSilent) return 'a drip-feed or subscription that runs there does not name its orders';
  const made = new Set([...shown.values()].flatMap((status) => status.orders ?? []));
  const known = await readKnownIds(ctx.db, provider.id, [...shown.keys()]);
  return new Map([...shown].filter(([id]) => !known.has(id) && !made.has(id)));
}

/** The ids of orders that the provider runs itself and that may have made others since then. */
async function readDelegated(db: Db, providerId: ProviderId, since: Date): Promise<Set<string>> {
  // What staff have ended here may run on there: only its own last word counts.
  const found = await sql<{ id: string }>`
    select d.external_id as id
    from deliveries d join orders o on o.customer_id = d.customer_id and o.id = d.order_id
    where d.provider_id = ${providerId} and d.is_delegated and d.external_id is not null
      and (o.kind = 'subscription' or o.details ? 'runs')
      and (o.completed_at is null or o.completed_at > ${since}::timestamptz
        or coalesce(d.seen, '') !~ '^(Completed|Partial|Canceled|Refunded|Expired)[|]')
    order by d.accepted_at desc limit ${delegatedMax + 1}`.execute(db);
  return new Set(found.rows.map((row) => row.id));
}

/** Of some ids, those the provider knows as ours; undefined unless it answered for every one. */
async function askIds(
  ctx: ProvidersCtx,
  provider: Provider,
  ids: readonly string[],
): Promise<Map<string, UpstreamStatus> | undefined> {
  const { leaving } = ctx;
  const shown = new Map<string, UpstreamStatus>();
  for (let at = 0; at < ids.length; at += idsPerRequestMax) {
    await awaitCall(ctx, provider.id);
    const list = ids.slice(at, at + idsPerRequestMax);
    const upstream = ctx.upstreams.open(provider);
    const { answers } = await upstream.statuses(
      list,
      leaving === undefined ? {} : { signal: leaving },
    );
    leaving?.throwIfAborted();
    for (const [id, answer] of answers) {
      if (answer.ok) shown.set(id, answer.value);
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
    select e.detail ->> 'externalId' as id
    from delivery_events e
    join attempts a on a.customer_id = e.customer_id and a.order_id = e.order_id
      and a.number = (e.detail ->> 'attempt')::int
    where e.kind = 'late_answer' and e.detail ->> 'externalId' = any(${ids}::text[])
      and a.provider_id = ${providerId}`.execute(db);
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
  const found = await sql<Sent>`
    select external_id as id, started_at as "startedAt", ended_at as "endedAt" from attempts
    where provider_id = ${provider.id} and ${isNeighbour}
    order by started_at desc limit ${calibratedByMax}`.execute(ctx.db);
  const problem = await findCalibrationProblem(ctx, provider, found.rows);
  await writeCalibration(ctx, actor, { provider, idsIncrease: problem === '' });
  return problem;
}

/** An accepted order, and between when it got its id. */
type Sent = { id: string; startedAt: Date; endedAt: Date };

/** Of orders that were sent at the same time, either may have the higher id. */
async function findCalibrationProblem(
  ctx: ProvidersCtx,
  provider: Provider,
  sent: readonly Sent[],
): Promise<string> {
  const pairs = sent.flatMap((later) =>
    sent.filter((one) => one.endedAt < later.startedAt).map((earlier) => ({ earlier, later })),
  );
  const inTurn = new Set(pairs.flatMap(({ earlier, later }) => [earlier, later])).size;
  if (inTurn < calibratedByMin) {
    const message = `${inTurn} orders accepted in turn are too few; ${calibratedByMin} are needed`;
    throw new AppError('conflict', message);
  }
  const isIncreasing = pairs.every(({ earlier, later }) => BigInt(earlier.id) < BigInt(later.id));
  if (!isIncreasing) return 'its order ids do not increase';
  const ids = sent.map(({ id }) => BigInt(id));
  const since = new Date(Math.min(...sent.map(({ startedAt }) => startedAt.getTime())));
  const own = new Set(ids.map(String));
  const neighbours = new Set(ids.flatMap((id) => [String(id - 1n), String(id + 1n)]));
  const foreign = [...neighbours]
    .filter((id) => !own.has(id) && id !== '0')
    .slice(0, idsPerRequestMax);
  const strangers = await findStrangers(ctx, provider, { ids: foreign, since });
  if (typeof strangers === 'string') return strangers;
  return strangers.size === 0 ? '' : 'it shows orders that are not ours';
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
