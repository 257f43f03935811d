import type { AddOutcome } from '@panelwright/sdk';
import { sql } from 'kysely';
import type { Db } from '../db/index.ts';
import { awaitCall, type Provider, type ProvidersCtx, parseBalance } from '../providers/index.ts';
import type { ProbeResult } from './probe.ts';
import type { UnknownAttempt } from './unknown.ts';

/** What was found out about an unknown attempt, for staff. Amounts as 10⁻⁸, in text. */
export type Evidence = {
  /** What came of asking again under the request id. */
  asked?: AddOutcome['outcome'];
  balance?: BalanceWitness;
  probe?: ProbeResult;
};

/** Whether the provider's balance fell by what the order costs, beyond what is explained. */
export type BalanceWitness = {
  verdict: 'charged' | 'not_charged' | 'unclear';
  before: string | null;
  after: string;
  /** What accepted orders have cost meanwhile. */
  explained: string;
  cost: string | null;
};

/** A provider's balance now, in 10⁻⁸ of its currency; undefined when it doesn't say. */
export async function readBalanceWitness(
  ctx: ProvidersCtx,
  provider: Provider,
): Promise<bigint | undefined> {
  await awaitCall(ctx, provider.id);
  const { leaving } = ctx;
  const upstream = ctx.upstreams.open(provider);
  const reading = await upstream.balance(leaving === undefined ? {} : { signal: leaving });
  leaving?.throwIfAborted();
  if (!reading.ok) return undefined;
  return parseBalance(reading.value.balance) ?? undefined;
}

/**
 * Weighs a balance against what was known before the attempt. It says nothing where the cost or
 * the end of anything else that was bought since then is not known. Refunds and deposits at the
 * provider blur it, so it only ever backs or contradicts what was found otherwise.
 */
export async function witnessBalance(
  db: Db,
  input: { provider: Provider; attempt: UnknownAttempt; balance: bigint },
): Promise<BalanceWitness> {
  const { attempt, balance } = input;
  const found = await sql<{ explained: bigint; unexplained: number }>`
    select coalesce(sum(cost) filter (where state = 'accepted'), 0) as explained,
      count(*) filter (where state <> 'accepted' or cost is null)::int as unexplained
    from attempts
    where provider_id = ${input.provider.id} and state in ('accepted', 'unknown', 'sending')
      and started_at >= ${attempt.balanceBeforeAt}::timestamptz
      and (customer_id, order_id, number) <> (${attempt.customerId}::int,
        ${attempt.orderId}::bigint, ${attempt.number}::int)`.execute(db);
  const { explained = 0n, unexplained = 0 } = found.rows[0] ?? {};
  const { balanceBefore: before, cost } = attempt;
  const spent = before === null || unexplained > 0 ? null : before - balance - explained;
  return {
    verdict: spent === null || cost === null || cost === 0n ? 'unclear' : weigh(spent, cost),
    before: before === null ? null : String(before),
    after: String(balance),
    explained: String(explained),
    cost: cost === null ? null : String(cost),
  };
}

function weigh(spent: bigint, cost: bigint): BalanceWitness['verdict'] {
  if (isNear(spent, cost, cost)) return 'charged';
  return isNear(spent, 0n, cost) ? 'not_charged' : 'unclear';
}

/** Within a hundredth of the cost either way: panels round. */
function isNear(value: bigint, expected: bigint, cost: bigint): boolean {
  const slack = cost / 100n;
  return value >= expected - slack && value <= expected + slack;
}

/** Whether a provider's own charge for an order is what ours should cost there. Pure. */
export function compareCharge(charge: string | null, cost: bigint | null): ProbeResult['charge'] {
  const charged = charge === null ? null : parseBalance(charge);
  if (charged === null || cost === null || cost === 0n) return 'unknown';
  return isNear(charged, cost, cost) ? 'expected' : 'other';
}

/**
 * Whether the order that was found there is ours beyond doubt: it costs what ours does or, where
 * that is not known, the balance fell by that much; and neither says otherwise. Pure.
 */
export function isProven({ probe, balance }: Evidence): boolean {
  if (probe === undefined || probe.found === null) return false;
  if (probe.charge === 'other' || balance?.verdict === 'not_charged') return false;
  return probe.charge === 'expected' || balance?.verdict === 'charged';
}
