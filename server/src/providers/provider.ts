import { type Amount, AppError, int32Max, type ProviderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';

/** Whether a provider gets new orders (`on`), only finishes its old ones, or is not called. */
export type ProviderState = 'on' | 'draining' | 'paused';

/** An upstream panel as it is stored. Amounts count 10⁻⁸ of the provider's own currency. */
export type Provider = {
  id: ProviderId;
  /** For staff alone. */
  name: string;
  /** How customers may read of it; empty for not at all. */
  alias: string;
  /** The panel's API address. */
  url: string;
  /** Encrypted; null when there is none, or it was blanked because the address changed. */
  keySealed: Uint8Array | null;
  currency: string;
  /** What one of the provider's currency costs in the panel's, in 10⁻⁸. */
  exchangeRate: bigint;
  state: ProviderState;
  pausedBy: 'staff' | 'funds' | 'key' | null;
  callsPerMinuteMax: number;
  nextCallAt: Date | null;
  addTimeoutMs: number;
  /** The field in which it takes a request id; null when it has none. */
  requestIdField: string | null;
  idsIncrease: boolean;
  balance: Amount | null;
  balanceAt: Date | null;
  balanceLowMark: Amount | null;
  lastSuccessAt: Date | null;
  lastFailureAt: Date | null;
  lastFailure: string;
  lastSentAt: Date | null;
  syncPrices: boolean;
  syncLimits: boolean;
  syncFlags: boolean;
  syncRemovals: boolean;
  syncReturns: boolean;
  priceJumpPercentMax: number;
  syncedAt: Date | null;
  isSandbox: boolean;
  createdAt: Date;
};

/** All providers by id. */
export async function readProviders(db: Db): Promise<Provider[]> {
  return selectProviders(db).orderBy('id').execute();
}

/**
 * The provider with this name or number; a name goes first.
 * @throws AppError `not_found`
 */
export async function findProvider(db: Db, nameOrId: string | number): Promise<Provider> {
  const text = String(nameOrId).trim();
  const isId = /^[0-9]{1,10}$/.test(text) && BigInt(text) <= BigInt(int32Max);
  const id = (isId ? Number(text) : 0) as ProviderId; // whether it exists is what is asked
  const found = await selectProviders(db)
    .where((where) => where.or([where('name', '=', text), where('id', '=', id)]))
    .execute();
  const provider = found.find((row) => row.name === text) ?? found[0];
  if (provider === undefined) throw new AppError('not_found', `no provider ${text}`);
  return provider;
}

/** The one place that says which column is which field. */
export function selectProviders(db: Db) {
  return db
    .selectFrom('providers')
    .select(['id', 'name', 'alias', 'url', 'key_sealed as keySealed'])
    .select(['currency', 'exchange_rate as exchangeRate', 'state', 'paused_by as pausedBy'])
    .select(['calls_per_minute_max as callsPerMinuteMax', 'next_call_at as nextCallAt'])
    .select(['add_timeout_ms as addTimeoutMs', 'request_id_field as requestIdField'])
    .select(['ids_increase as idsIncrease', 'balance', 'balance_at as balanceAt'])
    .select(['balance_low_mark as balanceLowMark', 'last_success_at as lastSuccessAt'])
    .select(['last_failure_at as lastFailureAt', 'last_failure as lastFailure'])
    .select(['last_sent_at as lastSentAt', 'sync_prices as syncPrices'])
    .select(['sync_limits as syncLimits', 'sync_flags as syncFlags'])
    .select(['sync_removals as syncRemovals', 'sync_returns as syncReturns'])
    .select(['price_jump_percent_max as priceJumpPercentMax', 'synced_at as syncedAt'])
    .select(['is_sandbox as isSandbox', 'created_at as createdAt']);
}
