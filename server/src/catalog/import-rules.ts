import { serviceTypeOf } from '@panelwright/sdk';
import { type Markup, type Rate, rateMax, resaleRate } from '../base/index.ts';
import { boundsOf, canDripFeed, type ListedService } from './listing.ts';
import { isPackage } from './rules.ts';
import type { ServiceType } from './snapshot.ts';

export type ImportWarningCode =
  | 'no_price'
  | 'free'
  | 'rate_too_large'
  | 'bad_bounds'
  | 'unknown_type'
  | 'no_name'
  | 'not_listed';

export type ImportWarning = {
  /** The service at the provider, or the category where it is about one. */
  subject: string;
  code: ImportWarningCode;
  /** Whether it was left out, or imported all the same. */
  isSkipped: boolean;
};

/** A service to be made from a provider's. */
export type ImportedService = {
  externalId: string;
  category: string;
  name: string;
  type: ServiceType;
  rate: Rate;
  min: number;
  max: number;
  refill: boolean;
  cancel: boolean;
  dripfeed: boolean;
  enabled: boolean;
  description: string;
  averageTime: string;
};

export type ImportTerms = { exchangeRate: bigint; markup: Markup };

export type ImportPlan = { services: ImportedService[]; warnings: ImportWarning[] };

const defaultCategory = 'Other';

/**
 * What to make of a provider's services. Left out: what has no price (headings too), what would
 * cost nothing, what would cost more than any rate, and quantities that make no sense, but for a
 * package, which is sold by one. An unknown type becomes a disabled `Default`, for staff to look
 * at. Pure.
 */
export function planImport(rows: readonly ListedService[], terms: ImportTerms): ImportPlan {
  const plan: ImportPlan = { services: [], warnings: [] };
  for (const row of rows) planOne(row, terms, plan);
  return plan;
}

function planOne(row: ListedService, terms: ImportTerms, plan: ImportPlan): void {
  const warn = (code: ImportWarningCode, isSkipped: boolean) =>
    plan.warnings.push({ subject: row.externalId, code, isSkipped });
  if (row.cost === null) return void warn('no_price', true);
  const rate = resaleRate(row.cost, terms.exchangeRate, terms.markup);
  if (rate === 0n) return void warn('free', true);
  if (rate > rateMax) return void warn('rate_too_large', true);
  const known = row.isTypeKnown ? serviceTypeOf(row.type) : null;
  const type = known ?? 'Default';
  const bounds = boundsOf(row) ?? (isPackage(type) ? { min: 1, max: 1 } : null);
  if (boundsOf(row) === null) warn('bad_bounds', bounds === null);
  if (bounds === null) return;
  if (known === null) warn('unknown_type', false);
  if (row.name === '') warn('no_name', false);
  plan.services.push({
    externalId: row.externalId,
    category: row.category === '' ? defaultCategory : row.category,
    name: row.name === '' ? `Service ${row.externalId}` : row.name,
    type,
    rate,
    ...bounds,
    refill: row.refill ?? false,
    cancel: row.cancel ?? false,
    dripfeed: (row.dripfeed ?? false) && canDripFeed(type),
    enabled: known !== null,
    description: row.description,
    averageTime: row.averageTime,
  });
}
