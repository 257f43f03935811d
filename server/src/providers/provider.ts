import { type Amount, AppError, type ProviderId, parseSmallId } from '../base/index.ts';
import { type Db, rowLock, type Tx } from '../db/index.ts';

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
  /** Until when it has asked not to be called. */
  heldBackUntil: Date | null;
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
 * The provider with this number, or with this text as its name or else its number.
 * @throws AppError `not_found`
 */
export async function findProvider(db: Db, nameOrId: string | ProviderId): Promise<Provider> {
  const provider =
    typeof nameOrId === 'string' ? await findByText(db, nameOrId.trim()) : await byId(db, nameOrId);
  if (provider === undefined) throw new AppError('not_found', `no provider ${nameOrId}`);
  return provider;
}

async function findByText(db: Db, text: string): Promise<Provider | undefined> {
  const named = await selectProviders(db).where('name', '=', text).executeTakeFirst();
  if (named !== undefined) return named;
  const id = parseSmallId(text);
  return id === undefined ? undefined : byId(db, id as ProviderId); // if it is one
}

function byId(db: Db, id: ProviderId): Promise<Provider | undefined> {
  return selectProviders(db).where('id', '=', id).executeTakeFirst();
}

/** The one place that says which column is which field. */
function selectProviders(db: Db) {
  return db
    .selectFrom('providers')
    .select(['id', 'name', 'alias', 'url', 'key_sealed as keySealed'])
    .select(['currency', 'exchange_rate as exchangeRate', 'state', 'paused_by as pausedBy'])
    .select(['calls_per_minute_max as callsPerMinuteMax', 'next_call_at as nextCallAt'])
    .select('held_back_until as heldBackUntil')
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

/**
 * Locks a provider's row until the transaction ends.
 * @throws AppError `not_found`
 */
export async function lockProvider(tx: Tx, id: ProviderId): Promise<Provider> {
  const provider = await selectProviders(tx)
    .where('id', '=', id)
    .modifyEnd(await rowLock(tx, ['providers', id]))
    .executeTakeFirst();
  if (provider === undefined) throw new AppError('not_found', `no provider ${id}`);
  return provider;
}
