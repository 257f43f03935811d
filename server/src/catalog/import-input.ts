import {
  AppError,
  type Markup,
  type ProviderId,
  type Rate,
  rateMax,
  rateStepMin,
} from '../base/index.ts';
import type { ListedRow } from './import-rows.ts';
import type { ImportWarning } from './import-rules.ts';

/** What of a provider's catalog is imported. */
export type ImportChoice = {
  /** Everything in these categories, and these services; neither: everything there is. */
  categories?: readonly string[];
  externalIds?: readonly string[];
};

/** What the services are sold at. */
export type MarkupInput = {
  /** On top of the cost, in hundredths of a percent. */
  markupBasisPoints: number;
  /** Added after that, per 1000 or per package. */
  markupFixed?: Rate;
  /** Rates are multiples of this, rounded up; default: 0.00001. */
  rateStep?: Rate;
  /** No rate is below this. */
  rateMin?: Rate;
};

export type ImportInput = ImportChoice &
  MarkupInput & {
    providerId: ProviderId;
    /** Where new services come to, an own one where it is new; default: by its name there. */
    category?: string;
    /** Gives the mark-up also to what was imported before. */
    updatesMarkup?: boolean;
  };

const markupBasisPointsMax = 1_000_000;
const categoryLettersMax = 200;

/**
 * The mark-up of an import.
 * @throws AppError `invalid_input`
 */
export function toMarkup(input: MarkupInput): Markup {
  const { markupBasisPoints: basisPoints, rateStep: step = rateStepMin } = input;
  const [fixed, min] = [input.markupFixed ?? (0n as Rate), input.rateMin ?? (0n as Rate)]; // none
  const isPercentage =
    Number.isInteger(basisPoints) && basisPoints >= 0 && basisPoints <= markupBasisPointsMax;
  if (!isPercentage) {
    throw new AppError('invalid_input', 'a mark-up is 0 to 10000 percent');
  }
  if ([fixed, min].some((value) => value < 0n || value > rateMax)) {
    throw new AppError('invalid_input', 'what is added and the least rate are 0 or more');
  }
  if (step < rateStepMin || step > rateMax) {
    throw new AppError('invalid_input', 'rates are rounded to 0.00001 or more');
  }
  return { basisPoints, fixed, step, min };
}

/**
 * Rows in the category that new services come to.
 * @throws AppError `invalid_input` for a name that is empty or too long
 */
export function placeRows(
  rows: readonly ListedRow[],
  { category }: Pick<ImportInput, 'category'>,
): readonly ListedRow[] {
  if (category === undefined) return rows;
  const name = category.trim();
  if (name === '' || name.length > categoryLettersMax) {
    throw new AppError('invalid_input', `a category has 1 to ${categoryLettersMax} letters`);
  }
  return rows.map((row) => ({ ...row, category: name }));
}

/** The rows that were asked for, and a warning for each name that is not in the catalog. */
export function selectRows(
  listed: readonly ListedRow[],
  input: ImportChoice,
): { wanted: ListedRow[]; warnings: ImportWarning[] } {
  const available = listed.filter((row) => !row.isMissing);
  const { categories = [], externalIds = [] } = input;
  if (categories.length === 0 && externalIds.length === 0) {
    return { wanted: available, warnings: [] };
  }
  const [names, ids] = [new Set(categories.map((name) => name.trim())), new Set(externalIds)];
  const wanted = available.filter((row) => names.has(row.category) || ids.has(row.externalId));
  const found = new Set(wanted.flatMap((row) => [`c${row.category}`, `s${row.externalId}`]));
  const asked = [...names].map((name) => [name, `c${name}`] as const);
  const unknown = [...asked, ...[...ids].map((id) => [id, `s${id}`] as const)]
    .filter(([, key]) => !found.has(key))
    .map(([subject]): ImportWarning => ({ subject, code: 'not_listed', isSkipped: true }));
  return { wanted, warnings: unknown };
}
