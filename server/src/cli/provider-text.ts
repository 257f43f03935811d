import { amount, formatAmount, showAmount } from '../base/index.ts';
import type { Health, Provider } from '../providers/index.ts';
import { formatFields, formatTable, formatTime } from './text.ts';

/** A provider as `--json` has it: no key, amounts as decimals in its own currency. */
export function providerJson(provider: Provider) {
  const { keySealed, exchangeRate, balance, balanceLowMark, nextCallAt: _, ...rest } = provider;
  return {
    ...rest,
    hasKey: keySealed !== null,
    exchangeRate: formatAmount(amount(exchangeRate)),
    balance: balance === null ? null : formatAmount(balance),
    balanceLowMark: balanceLowMark === null ? null : formatAmount(balanceLowMark),
  };
}

/** Providers, one a line. */
export function providersText(providers: readonly Provider[]): string {
  const rows = providers.map((provider) => [
    `${provider.id}`,
    stateText(provider),
    balanceText(provider),
    provider.lastSuccessAt === null ? '-' : formatTime(provider.lastSuccessAt),
    provider.name,
    provider.url,
  ]);
  return formatTable(['id', 'state', 'balance', 'last success', 'name', 'url'], rows);
}

/** All about a provider, for staff. */
export function providerText(provider: Provider, health: Health): string {
  const fields = formatFields([
    ['id', `${provider.id}`],
    ['name', provider.name],
    ['alias', provider.alias || '-'],
    ['url', provider.url],
    ['key', provider.keySealed === null ? 'none' : 'stored'],
    ['state', stateText(provider)],
    ['balance', balanceText(provider)],
    ['balance of', timeText(provider.balanceAt)],
    ['low mark', provider.balanceLowMark === null ? '-' : formatAmount(provider.balanceLowMark)],
    ['exchange rate', formatAmount(amount(provider.exchangeRate))],
    ['calls per minute', `${provider.callsPerMinuteMax}`],
    ['wants no calls until', timeText(provider.heldBackUntil)],
    ['request id field', provider.requestIdField ?? '-'],
    ['last success', timeText(health.lastSuccessAt)],
    ['last failure', timeText(health.lastFailureAt)],
    ['it was', health.lastFailure || '-'],
    ['catalog read', timeText(provider.syncedAt)],
    ['failed in 24 h', `${health.failures} of ${health.calls} calls`],
  ]);
  const rows = health.actions.map((row) => [
    row.action,
    `${row.calls}`,
    `${row.failures}`,
    row.medianMs === null ? 'very long' : `< ${row.medianMs} ms`,
  ]);
  return `${fields}\n\n${formatTable(['call', 'made', 'failed', 'half took'], rows)}`;
}

function stateText({ state, pausedBy, keySealed }: Provider): string {
  if (keySealed === null) return `${state}, no key`;
  const reasons = { staff: 'paused', funds: 'out of funds', key: 'key refused' };
  return pausedBy === null ? state : reasons[pausedBy];
}

function balanceText({ balance, currency }: Provider): string {
  return balance === null ? '-' : `${showAmount(balance, currency)} ${currency}`;
}

function timeText(at: Date | null): string {
  return at === null ? '-' : formatTime(at);
}
