import { sql } from 'kysely';
import type { Db } from '../db/index.ts';
import { awaitCall, type Provider, type ProvidersCtx, parseBalance } from '../providers/index.ts';
import type { ProbeResult } from './probe.ts';
import type { UnknownAttempt } from './unknown.ts';

/** What was found out about an unknown attempt, for staff. Amounts as 10⁻⁸, in text. */
export type Evidence = { balance?: BalanceWitness; probe?: ProbeResult };

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
  const reading = await ctx.upstreams.open(provider).balance();
  if (!reading.ok) return undefined;
  return parseBalance(reading.value.balance) ?? undefined;
}

/**
 * Weighs a balance against what was known before the attempt. Refunds and deposits at the provider
 * blur it, so it only ever backs or contradicts what was found otherwise.
 */
export async function witnessBalance(
  db: Db,
  input: { provider: Provider; attempt: UnknownAttempt; balance: bigint },
): Promise<BalanceWitness> {
  const { attempt, balance } = input;
  const found = await sql<{ explained: bigint }>`
    select coalesce(sum(cost), 0)::bigint as explained from attempts
    where provider_id = ${input.provider.id} and state = 'accepted'
      and started_at >= ${attempt.balanceBeforeAt}::timestamptz`.execute(db);
  const explained = found.rows[0]?.explained ?? 0n;
  const { balanceBefore: before, cost } = attempt;
  const spent = before === null ? null : before - balance - explained;
  return {
    verdict: spent === null || cost === null || cost === 0n ? 'unclear' : weigh(spent, cost),
    before: before === null ? null : String(before),
    after: String(balance),
    explained: String(explained),
    cost: cost === null ? null : String(cost),
  };
}

/** Within a hundredth of the cost either way: panels round. */
function weigh(spent: bigint, cost: bigint): BalanceWitness['verdict'] {
  const slack = cost / 100n;
  if (spent >= cost - slack && spent <= cost + slack) return 'charged';
  return spent >= -slack && spent <= slack ? 'not_charged' : 'unclear';
}
