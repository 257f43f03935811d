import { idsPerRequestMax } from '@panelwright/sdk';
import { sql } from 'kysely';
import { type CustomerId, type RefillId, reach } from '../base/index.ts';
import {
  bigints,
  type Ctx,
  claimDueRows,
  inTransaction,
  mayDispatch,
  onlyOf,
  onShardsOf,
  type Tx,
} from '../db/index.ts';
import {
  leaseUntil,
  type Provider,
  type ProvidersCtx,
  sendLeased,
  takeCallSlots,
  takesQuestions,
} from '../providers/index.ts';
import { recordAnswers } from './record.ts';
import { unknownMark } from './rules.ts';

/** A refill that is written down as being asked for, and is not yet. */
export type Claimed = {
  customerId: CustomerId;
  refillId: RefillId;
  /** The order's number at the provider. */
  externalOrderId: string;
  failures: number;
  mayRunThere: boolean;
};

/** Refills of one list, and how long they are this worker's alone. */
type Claim = { refills: Claimed[]; sendAt: Date; leaseUntil: Date };

/**
 * Asks a provider for the refills that are due, as one list of at most 100, and writes what it
 * answers. Each is written down as being sent before anything is sent, so it is asked for once
 * whatever happens to the worker.
 * @returns how many were taken
 */
export async function forwardRefills(
  ctx: ProvidersCtx,
  provider: Provider,
  limit: number,
): Promise<number> {
  if (!takesQuestions(provider)) return 0;
  // What can't be opened must not be claimed.
  const upstream = ctx.upstreams.open(provider);
  const claim = await claimDue(ctx, provider, Math.min(limit, idsPerRequestMax));
  if (claim === undefined) return 0;
  const { refills } = claim;
  await reach('refill.after_intent');
  const ids = refills.map((refill) => refill.externalOrderId);
  const outcomeOf = await sendLeased(ctx, provider, {
    ...claim,
    ids,
    send: upstream.refills,
  });
  await reach('refill.after_send');
  const outcomes = refills.map((refill) => ({
    refill,
    outcome: outcomeOf(refill.externalOrderId),
  }));
  await recordAnswers(ctx, outcomes, { providerId: provider.id, leaseUntil: claim.leaseUntil });
  return refills.length;
}

async function claimDue(ctx: Ctx, provider: Provider, limit: number): Promise<Claim | undefined> {
  const now = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const refills = await lockDue(tx, { provider, now, limit });
    if (refills.length === 0) return undefined;
    const [sendAt] = await takeCallSlots(tx, { providerId: provider.id, count: 1, now });
    if (sendAt === undefined) return undefined;
    const until = leaseUntil(provider, sendAt);
    const customerIds = refills.map((refill) => refill.customerId);
    await sql`
      update refills r set delivery = 'sending', due_at = ${until}::timestamptz
      from unnest(${customerIds}::int[],
        ${bigints(refills.map((refill) => refill.refillId))}) as n (customer_id, id)
      where r.customer_id = n.customer_id and r.id = n.id
        ${onShardsOf(tx, 'r.customer_id', customerIds)}`.execute(tx);
    return { refills, sendAt, leaseUntil: until };
  });
}

function lockDue(
  tx: Tx,
  { provider, now, limit }: { provider: Provider; now: Date; limit: number },
): Promise<Claimed[]> {
  const due = sql`from refills r
    join deliveries d on d.customer_id = r.customer_id and d.order_id = r.order_id
      and d.provider_id = r.provider_id and d.external_id is not null
    where r.provider_id = ${provider.id} and r.delivery = 'due'
      and r.due_at <= ${now}::timestamptz and ${mayDispatch}`;
  return claimDueRows(tx, { due, customerId: 'r.customer_id', limit }, async (only, count) => {
    const found = await sql<Claimed>`
      select r.customer_id as "customerId", r.id as "refillId",
        d.external_id as "externalOrderId", r.failures,
        exists (
          select from refills e where e.customer_id = r.customer_id and e.order_id = r.order_id
            and e.provider_id = r.provider_id and starts_with(e.note, ${unknownMark})
            ${onlyOf('e.customer_id', only)}
        ) as "mayRunThere" ${due}${onlyOf('r.customer_id', only)}
      order by r.due_at, r.id limit ${count}
      for update of r skip locked`.execute(tx);
    return found.rows;
  });
}

const expiredPerRoundMax = 500;

/**
 * Hands over to staff the refills whose worker has written no answer within its lease: whether the
 * provider has them is not known.
 * @returns how many there were
 */
export async function expireRefills(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  const due = sql`from refills where delivery = 'sending' and due_at < ${now}::timestamptz`;
  const query = { due, customerId: 'customer_id', limit: expiredPerRoundMax };
  const expired = await claimDueRows(ctx.db, query, async (only, limit) => {
    const { rows } = await sql`
      with late as (
        select customer_id, id ${due}${onlyOf('customer_id', only)}
        limit ${limit} for update skip locked
      )
      update refills r set delivery = 'unknown', due_at = null,
        note = ${`${unknownMark}no_answer`}
      from late where r.customer_id = late.customer_id and r.id = late.id
        ${onlyOf('r.customer_id', only)}
      returning r.id`.execute(ctx.db);
    return rows;
  });
  return expired.length;
}
