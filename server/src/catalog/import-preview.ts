import type { Rate } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { findProvider } from '../providers/index.ts';
import { type ImportInput, placeRows, selectRows, toMarkup } from './import-input.ts';
import { type ListedRow, readImported, readListed } from './import-rows.ts';
import { type ImportWarning, planImport } from './import-rules.ts';

export type ImportPreview = {
  /** How many would be made, how many are there already, how many are left out. */
  created: number;
  existing: number;
  skipped: number;
  warnings: ImportWarning[];
  /** What one of the provider's currency costs in the panel's. */
  exchangeRate: bigint;
  /** The first of them, in the provider's order. */
  rows: PreviewRow[];
};

type PreviewRow = {
  externalId: string;
  name: string;
  category: string;
  /** Per 1000 or per package, in 10⁻⁸ of the provider's currency; null: it says none. */
  cost: bigint | null;
  /** What it would be sold at; null: it is left out. */
  rate: Rate | null;
  isImported: boolean;
};

const rowsShown = 200;

/**
 * What an import with this input would do now; nothing is written.
 * @throws AppError `not_found`, `invalid_input`
 */
export async function previewImport(db: Db, input: ImportInput): Promise<ImportPreview> {
  const markup = toMarkup(input);
  const [provider, listed, imported] = await Promise.all([
    findProvider(db, input.providerId),
    readListed(db, input.providerId),
    readImported(db, input.providerId),
  ]);
  const { wanted, warnings } = selectRows(listed, input);
  const isImported = ({ externalId }: ListedRow) => imported.has(externalId);
  const fresh = placeRows(
    wanted.filter((row) => !isImported(row)),
    input,
  );
  const categories = new Map(fresh.map(({ externalId, category }) => [externalId, category]));
  const plan = planImport(wanted, { exchangeRate: provider.exchangeRate, markup });
  const rates = new Map(plan.services.map(({ externalId, rate }) => [externalId, rate]));
  const created = fresh.filter(({ externalId }) => rates.has(externalId)).length;
  return {
    created,
    existing: wanted.length - fresh.length,
    skipped: fresh.length - created,
    exchangeRate: provider.exchangeRate,
    warnings: [...warnings, ...plan.warnings.filter(({ subject }) => !imported.has(subject))],
    rows: wanted.slice(0, rowsShown).map((row) => ({
      externalId: row.externalId,
      name: row.name,
      category: categories.get(row.externalId) ?? row.category,
      cost: row.cost,
      rate: rates.get(row.externalId) ?? null,
      isImported: isImported(row),
    })),
  };
}
