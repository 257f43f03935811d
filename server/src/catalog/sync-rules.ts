import {
  formatRate,
  type Markup,
  type Rate,
  rateMax,
  resaleRate,
  type ServiceId,
} from '../base/index.ts';
import type { Provider } from '../providers/index.ts';
import type { Basis, FollowedKind, SaleState } from './change-rules.ts';
import { boundsOf, canDripFeed } from './listing.ts';
import type { ServiceType } from './snapshot.ts';

/** What the provider lists for a service now; flags as they were last said. */
export type ListedState = {
  type: string;
  isTypeKnown: boolean;
  cost: bigint | null;
  min: number | null;
  max: number | null;
  refill: boolean;
  cancel: boolean;
  dripfeed: boolean;
  isMissing: boolean;
};

/** A service that follows a provider's. */
export type SourcedService = SaleState & {
  id: ServiceId;
  externalId: string;
  type: ServiceType;
  disabledBy: 'staff' | 'sync' | null;
  markup: Markup;
  listed: ListedState;
  /** Before this list the provider's type was one of the protocol's. */
  wasTypeKnown: boolean;
  /** Whether it is delivered there: only there, there among others, or not there at all. */
  routed: 'only' | 'also' | 'not';
  /** A rate that waits for staff. */
  held: { rate: string; basis: string | null; cost: string | null } | null;
  /** What the provider asked for when people last decided a value by hand. */
  decided: Basis;
};

export type SyncRules = Pick<
  Provider,
  | 'exchangeRate'
  | 'syncPrices'
  | 'syncLimits'
  | 'syncFlags'
  | 'syncRemovals'
  | 'syncReturns'
  | 'priceJumpPercentMax'
>;

export type SyncWarningCode =
  | 'unreadable_cost'
  | 'rate_too_large'
  | 'bad_bounds'
  | 'price_held'
  | 'type_changed'
  | 'missing'
  | 'not_returned';

export type SyncDecision = {
  after: SaleState & { disabledBy: SourcedService['disabledBy'] };
  /** Why it went off sale, where it did. */
  reason: 'missing' | 'type' | null;
  /** The rate that waits for staff from now on; null for none. */
  held: SourcedService['held'];
  warnings: SyncWarningCode[];
};

/**
 * What a provider asks for of each kind, as text that is another when it asks for something else.
 */
export function basisOf(
  listed: ListedState,
  exchangeRate: bigint,
): Record<FollowedKind, string | null> {
  const { cost, min, max, refill, cancel, dripfeed } = listed;
  return {
    rate: cost === null ? null : `${cost * exchangeRate}`,
    limits: `${min} ${max}`,
    flags: `${refill} ${cancel} ${dripfeed}`,
  };
}

/** The same, beside the bare cost: a value that is set by hand does not go by the exchange rate. */
export function basisByHand(listed: ListedState, exchangeRate: bigint): Basis {
  const { cost } = listed;
  return { ...basisOf(listed, exchangeRate), cost: cost === null ? null : `${cost}` };
}

/**
 * What a service becomes by what its provider lists now. What staff decided by hand stays until the
 * provider asks for something else; what staff took off sale stays off. A rate that jumps further
 * than allowed, or to nothing, is held, and a service does not come back on sale at a rate that is.
 * A service that cannot be delivered any more goes off sale, unless another route delivers it.
 */
export function decideSync(service: SourcedService, rules: SyncRules): SyncDecision {
  const { rate, min, max, refill, cancel, dripfeed, enabled, disabledBy, held } = service;
  const after = { rate, min, max, refill, cancel, dripfeed, enabled, disabledBy };
  const decision: SyncDecision = { after, reason: null, held, warnings: [] };
  if (service.listed.isMissing) {
    decideMissing(service, rules, decision);
    return decision;
  }
  const basis = basisOf(service.listed, rules.exchangeRate);
  const follows = (kind: FollowedKind) => basis[kind] !== (service.decided[kind] ?? null);
  if (rules.syncPrices) {
    const { cost = null } = service.decided;
    const isDecided = cost === null ? !follows('rate') : cost === `${service.listed.cost}`;
    if (basis.rate === null || !isDecided) followCost(service, rules, decision);
    else decision.held = null;
  }
  if (rules.syncLimits && follows('limits')) followLimits(service, decision);
  if (rules.syncFlags && follows('flags')) followFlags(service, after);
  decideSale(service, rules, decision);
  return decision;
}

function followCost(service: SourcedService, rules: SyncRules, decision: SyncDecision): void {
  const { cost } = service.listed;
  if (cost === null) {
    decision.warnings.push('unreadable_cost');
    return;
  }
  const target = resaleRate(cost, rules.exchangeRate, service.markup);
  if (target > rateMax) {
    decision.warnings.push('rate_too_large');
  } else if (isJump(service.rate, target, rules.priceJumpPercentMax)) {
    const basis = `${cost * rules.exchangeRate}`;
    decision.held = { rate: formatRate(target), basis, cost: `${cost}` };
    decision.warnings.push('price_held');
  } else {
    decision.after.rate = target;
    decision.held = null;
  }
}

/** Whether a rate changes by more than so many percent of itself, or comes to cost nothing. */
function isJump(from: Rate, to: Rate, percentMax: number): boolean {
  if (from === to) return false;
  if (to === 0n) return true;
  const distance = from < to ? to - from : from - to;
  return distance * 100n > from * BigInt(percentMax);
}

function followLimits(service: SourcedService, decision: SyncDecision): void {
  const bounds = boundsOf(service.listed);
  if (bounds === null) decision.warnings.push('bad_bounds');
  else Object.assign(decision.after, bounds);
}

function followFlags(service: SourcedService, after: SaleState): void {
  const { refill, cancel, dripfeed } = service.listed;
  after.refill = refill;
  after.cancel = cancel;
  after.dripfeed = dripfeed && canDripFeed(service.type);
}

function decideMissing(service: SourcedService, rules: SyncRules, decision: SyncDecision): void {
  if (!service.enabled || service.routed === 'not') return;
  decision.warnings.push('missing');
  if (rules.syncRemovals && service.routed === 'only') takeOffSale(decision, 'missing');
}

function decideSale(service: SourcedService, rules: SyncRules, decision: SyncDecision): void {
  const { listed } = service;
  const isTypeChanged = listed.isTypeKnown ? listed.type !== service.type : service.wasTypeKnown;
  if (service.enabled) {
    if (!isTypeChanged || service.routed === 'not') return;
    // Orders of the old shape would be refused there, or worse, taken for something else.
    decision.warnings.push('type_changed');
    if (service.routed === 'only') takeOffSale(decision, 'type');
  } else if (service.disabledBy === 'sync' && rules.syncReturns) {
    if (listed.isTypeKnown && !isTypeChanged && decision.held === null) {
      decision.after.enabled = true;
      decision.after.disabledBy = null;
    } else decision.warnings.push('not_returned');
  }
}

function takeOffSale(decision: SyncDecision, reason: 'missing' | 'type'): void {
  decision.after.enabled = false;
  decision.after.disabledBy = 'sync';
  decision.reason = reason;
}
