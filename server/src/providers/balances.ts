import type { Balance, Reading } from '@panelwright/sdk';
import { type Actor, type Amount, formatAmount, minuteMs, type ProviderId } from '../base/index.ts';
import { inTransaction } from '../db/index.ts';
import { parseBalance } from './fields.ts';
import { lockProvider, type Provider, readProviders } from './provider.ts';
import { claimCallSlot, delayCalls, isHeldBack, untilSlot } from './slots.ts';
import { pauseProvider, resumeFunded } from './state.ts';
import type { ProvidersCtx } from './upstreams.ts';

const actor: Actor = { kind: 'system', name: 'balances' };
const intervalMs = 5 * minuteMs;
/** Somebody is waiting for the provider to be topped up. */
const unfundedIntervalMs = minuteMs;
const retryAfterMsDefault = 5_000;

/**
 * Asks every provider whose stored balance is old for its balance: after 5 minutes, after one when
 * it has no funds. A provider whose balance has risen since it ran out is set on again. Failures
 * are in the provider's health, and asked about again after the same time. Of workers that see the
 * same provider due at the same moment, one asks. The signal gives up what is under way.
 * @returns how many providers were asked
 */
export async function watchBalances(ctx: ProvidersCtx, signal?: AbortSignal): Promise<number> {
  const now = ctx.clock.now();
  const due = (await readProviders(ctx.db)).filter((provider) => isDue(ctx, provider, now));
  const asked = await Promise.all(due.map((provider) => watchOne(ctx, provider, { now, signal })));
  return asked.filter(Boolean).length;
}

function isDue(ctx: ProvidersCtx, provider: Provider, now: Date): boolean {
  const { id, state, pausedBy, keySealed, balanceAt } = provider;
  if (keySealed === null || (state === 'paused' && pausedBy !== 'funds')) return false;
  const everyMs = pausedBy === 'funds' ? unfundedIntervalMs : intervalMs;
  if (isHeldBack(provider, now, unfundedIntervalMs)) return false;
  const askedAt = ctx.upstreams.lastCallAt(id, 'balance');
  return isOld(balanceAt, now, everyMs) && isOld(askedAt, now, everyMs);
}

/** Also what lies ahead, as after a clock that was set back. */
function isOld(at: Date | null, now: Date, ageMs: number): boolean {
  return at === null || Math.abs(now.getTime() - at.getTime()) >= ageMs;
}

/**
 * The slot is the claim. balance_at can't be: it says how old the stored balance is, which is
 * evidence about lost orders, and must not say that of one that is still to come.
 */
async function watchOne(
  ctx: ProvidersCtx,
  provider: Provider,
  options: { now: Date; signal: AbortSignal | undefined },
): Promise<boolean> {
  const { now, signal } = options;
  try {
    const upstream = ctx.upstreams.open(provider);
    const slot = await claimCallSlot(ctx.db, provider, now);
    if (slot === undefined) return false;
    await untilSlot(ctx.clock, slot, signal);
    const reading = await upstream.balance(signal === undefined ? {} : { signal });
    if (reading.ok) await storeBalance(ctx, provider, reading.value);
    else await learnFrom(ctx, provider.id, reading);
    return true;
  } catch (error) {
    ctx.log.error({ error, provider: provider.id }, "a provider's balance was not read");
    return false;
  }
}

async function storeBalance(
  ctx: ProvidersCtx,
  provider: Provider,
  reported: Balance,
): Promise<void> {
  const { id: providerId, name } = provider;
  const balance = parseBalance(reported.balance);
  if (balance === null) {
    ctx.log.warn({ provider: providerId, name }, "a provider's balance is beyond any amount");
    return;
  }
  const currency = reported.currency?.trim().toUpperCase() ?? '';
  if (/^[A-Z]{3}$/.test(currency) && currency !== provider.currency) {
    const stored = provider.currency;
    ctx.log.warn({ provider: providerId, name, currency, stored }, 'a provider counts in another');
  }
  const at = ctx.clock.now();
  const { before, effect } = await inTransaction(ctx.db, async (tx) => {
    const before = await lockProvider(tx, providerId);
    const effect = decideBalance(before, balance);
    await tx
      .updateTable('providers')
      .set({ balance, balance_at: at })
      .where('id', '=', providerId)
      .execute();
    if (effect.resumes) await resumeFunded(tx, before, { at, actor });
    return { before, effect };
  });
  const shown = formatAmount(balance);
  if (effect.resumes) ctx.log.info({ provider: providerId, name, balance: shown }, 'funded again');
  if (effect.isLow) {
    const lowMark = formatAmount(before.balanceLowMark ?? balance);
    ctx.log.warn({ provider: providerId, name, balance: shown, lowMark }, 'a balance is low');
  }
}

/**
 * What a balance means for its provider. One that ran out of funds goes on when the balance has
 * risen over the last one seen and lies above the low mark, if there is one: a refusal for want of
 * funds may come long before 0, so being above 0 proves nothing. What was paid in before the first
 * look after the pause shows only if it exceeds what was there before; else staff resume. A balance
 * is told to be low once, when it falls below the mark. Pure.
 */
export function decideBalance(
  before: Pick<Provider, 'pausedBy' | 'balance' | 'balanceLowMark'>,
  balance: Amount,
): { resumes: boolean; isLow: boolean } {
  const { pausedBy, balance: last, balanceLowMark: mark } = before;
  const isBelow = (value: Amount) => mark !== null && value < mark;
  const hasRisen = last !== null && balance > last;
  return {
    resumes: pausedBy === 'funds' && hasRisen && !isBelow(balance),
    isLow: isBelow(balance) && (last === null || !isBelow(last)),
  };
}

async function learnFrom(
  ctx: ProvidersCtx,
  providerId: ProviderId,
  reading: Reading<Balance> & { ok: false },
): Promise<void> {
  const { failure } = reading;
  const at = ctx.clock.now();
  if (failure.kind === 'rate_limited') {
    const untilMs = at.getTime() + (failure.retryAfterMs ?? retryAfterMsDefault);
    await delayCalls(ctx.db, { providerId, until: new Date(untilMs) });
  } else if (failure.kind === 'refused' && failure.refusal.code === 'invalid_key') {
    await inTransaction(ctx.db, (tx) => pauseProvider(tx, { providerId, by: 'key', at, actor }));
    ctx.log.warn({ provider: providerId }, 'a provider refuses its key and is paused');
  }
}
