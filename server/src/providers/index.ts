/**
 * Upstream panels: how they are stored, reached and called.
 * Invariants: a key is stored encrypted, bound to its provider and origin, and is in no log, error
 * or audit row; connections go to checked addresses alone; an order leaves on a connection of its
 * own, once, and whether a byte of it left is known; no two calls share a slot of the rate limit.
 */
export { addProvider } from './add.ts';
export type { PrivateAddresses } from './address.ts';
export { watchBalances } from './balances.ts';
export { exchanged } from './exchange.ts';
export { lockExternalIds } from './external-ids.ts';
export {
  type ProviderChanges,
  type ProviderInput,
  type ProviderSettings,
  parseBalance,
} from './fields.ts';
export { type Health, readAllHealth, readHealth } from './health.ts';
export { type HealthDay, readHealthDays } from './health-days.ts';
export { leaseUntil, mayStillSend, sendLeased } from './lease.ts';
export { findProvider, type Provider, type ProviderState, readProviders } from './provider.ts';
export { heedTrouble, type Trouble, takesQuestions, troubleOf } from './questions.ts';
export {
  awaitCall,
  delayCalls,
  isHeldBack,
  takeCallSlots,
  untilSlot,
} from './slots.ts';
export { pauseProvider, setProviderState } from './state.ts';
export { type TestCall, testProvider } from './test-call.ts';
export type { Transports } from './transport.ts';
export { type ProviderUpdate, updateProvider } from './update.ts';
export {
  createUpstreams,
  type ProvidersCtx,
  type Upstream,
  type Upstreams,
} from './upstreams.ts';
