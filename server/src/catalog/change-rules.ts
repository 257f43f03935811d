import { formatRate, type Rate, type ServiceId } from '../base/index.ts';
import type { Json, Schema } from '../db/index.ts';

export type ChangeKind = Schema['service_changes']['kind'];

/** What of a service its buyers are told about when it changes. */
export type SaleState = {
  rate: Rate;
  min: number;
  max: number;
  refill: boolean;
  cancel: boolean;
  dripfeed: boolean;
  enabled: boolean;
};

export type ChangeDraft = { serviceId: ServiceId; kind: ChangeKind; before: Json; after: Json };

/**
 * The kinds that follow a provider. With a change that people decide goes the `basis`: what the
 * provider asked for then. A sync leaves the value alone until that is another. With a rate that
 * was set by hand, or waits and so may be rejected, goes the `cost` as well, in the provider's
 * currency: what was decided stays until that is another, whatever the exchange rate becomes.
 */
export type FollowedKind = 'rate' | 'limits' | 'flags';
export type Basis = Readonly<Partial<Record<FollowedKind | 'cost', string | null>>>;

/** The changes that lead from one state to the other, in the order they are told. */
export function diffSale(
  serviceId: ServiceId,
  states: { before: SaleState; after: SaleState },
  notes: { basis?: Basis; reason?: string } = {},
): ChangeDraft[] {
  const { before, after } = states;
  const drafts: ChangeDraft[] = [];
  const add = (kind: FollowedKind, values: (state: SaleState) => Json) => {
    const [was, is] = [values(before), values(after)];
    if (JSON.stringify(was) === JSON.stringify(is)) return;
    drafts.push({ serviceId, kind, before: was, after: { ...is, ...noteOf(kind, notes.basis) } });
  };
  add('rate', rateOf);
  add('limits', limitsOf);
  add('flags', flagsOf);
  if (before.enabled !== after.enabled) {
    const kind = after.enabled ? 'enabled' : 'disabled';
    const noted = notes.reason === undefined ? {} : { reason: notes.reason };
    drafts.push({ serviceId, kind, before: {}, after: noted });
  }
  return drafts;
}

/** What a change of a kind notes of what the provider asked for. */
export function noteOf(kind: FollowedKind, basis: Basis = {}): Json {
  const asked = basis[kind] ?? null;
  const cost = kind === 'rate' ? (basis.cost ?? null) : null;
  return { ...(asked === null ? {} : { basis: asked }), ...(cost === null ? {} : { cost }) };
}

/** The change that tells of a new service. */
export function createdChange(serviceId: ServiceId, state: SaleState): ChangeDraft {
  const after = {
    ...rateOf(state),
    ...limitsOf(state),
    ...flagsOf(state),
    enabled: state.enabled,
  };
  return { serviceId, kind: 'created', before: {}, after };
}

/** A rate as a change holds it. */
export function rateOf(state: { rate: Rate }): Json {
  return { rate: formatRate(state.rate) };
}

function limitsOf({ min, max }: SaleState): Json {
  return { min, max };
}

function flagsOf({ refill, cancel, dripfeed }: SaleState): Json {
  return { refill, cancel, dripfeed };
}
