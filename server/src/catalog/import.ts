import {
  type Actor,
  AppError,
  type Markup,
  type ProviderId,
  type Rate,
  rateMax,
  type ServiceId,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, notifyChange, recordAudit, type Tx } from '../db/index.ts';
import { findProvider, type Provider } from '../providers/index.ts';
import { insertChanges } from './change-rows.ts';
import { createdChange } from './change-rules.ts';
import { insertImported, type ListedRow, readImported, readListed } from './import-rows.ts';
import { type ImportWarning, planImport } from './import-rules.ts';
import { repriceImported } from './reprice.ts';
import { lockListing } from './sync-rows.ts';

export type ImportInput = {
  providerId: ProviderId;
  /** Everything in these categories, and these services; neither: everything there is. */
  categories?: readonly string[];
  externalIds?: readonly string[];
  /** On top of the cost, in hundredths of a percent. */
  markupBasisPoints: number;
  /** Added after that, per 1000 or per package. */
  markupFixed?: Rate;
  /** No rate is below this. */
  rateMin?: Rate;
  /** Gives the mark-up also to what was imported before. */
  updatesMarkup?: boolean;
};

export type ImportReport = {
  created: { serviceId: ServiceId; externalId: string }[];
  /** How many were there before. */
  existing: number;
  /** How many of those have another mark-up now. */
  updated: number;
  warnings: ImportWarning[];
};

const markupBasisPointsMax = 1_000_000;

/**
 * Makes services of ours from those in a provider's stored catalog (sync it first), in its order
 * and categories, each with a route to its origin; from then on they follow it. What was imported
 * before is not imported again. Their rate: cost in the panel's currency, plus percent, plus fixed,
 * rounded up to 5 decimals, not below the least rate.
 * @throws AppError `not_allowed`, `not_found`, `invalid_input`, `conflict` without a stored catalog
 */
export async function importServices(
  ctx: Ctx,
  actor: Actor,
  input: ImportInput,
): Promise<ImportReport> {
  requireStaff(actor, 'services');
  const markup = toMarkup(input);
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const { providerId } = input;
    await lockListing(tx, providerId);
    const provider = await findProvider(tx, providerId);
    const listed = await readListed(tx, providerId);
    if (listed.length === 0) {
      throw new AppError(
        'conflict',
        `the catalog of "${provider.name}" is not here; sync it first`,
      );
    }
    const { wanted, warnings } = selectRows(listed, input);
    const imported = await readImported(tx, providerId);
    const fresh = wanted.filter(({ externalId }) => !imported.has(externalId));
    const plan = planImport(fresh, { exchangeRate: provider.exchangeRate, markup });
    const created = await insertImported(tx, { providerId, services: plan.services, markup });
    const changes = created.map(({ serviceId, service }) => createdChange(serviceId, service));
    await insertChanges(tx, changes, { actor, state: 'applied', at });
    const existing = wanted.flatMap(({ externalId }) => imported.get(externalId) ?? []);
    const updated = input.updatesMarkup
      ? await repriceImported(tx, { provider, serviceIds: existing, markup, actor, at })
      : 0;
    const report: ImportReport = {
      created: created.map(({ serviceId, service }) => {
        return { serviceId, externalId: service.externalId };
      }),
      existing: existing.length,
      updated,
      warnings: [...warnings, ...plan.warnings],
    };
    await announce(tx, { actor, provider, markup, report, at });
    return report;
  });
}

function toMarkup(input: ImportInput): Markup {
  const { markupBasisPoints: basisPoints } = input;
  const [fixed, min] = [input.markupFixed ?? (0n as Rate), input.rateMin ?? (0n as Rate)]; // none
  const isPercentage =
    Number.isInteger(basisPoints) && basisPoints >= 0 && basisPoints <= markupBasisPointsMax;
  if (!isPercentage) {
    throw new AppError('invalid_input', 'a mark-up is 0 to 10000 percent');
  }
  if ([fixed, min].some((value) => value < 0n || value > rateMax)) {
    throw new AppError('invalid_input', 'what is added and the least rate are 0 or more');
  }
  return { basisPoints, fixed, min };
}

/** The rows that were asked for, and a warning for each name that is not in the catalog. */
function selectRows(
  listed: readonly ListedRow[],
  input: ImportInput,
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

async function announce(
  tx: Tx,
  done: { actor: Actor; provider: Provider; markup: Markup; report: ImportReport; at: Date },
): Promise<void> {
  const { actor, provider, markup, report, at } = done;
  if (report.created.length === 0 && report.updated === 0) return;
  await recordAudit(tx, {
    actor,
    action: 'provider.import',
    subject: `provider:${provider.id}`,
    after: {
      created: report.created.length,
      updated: report.updated,
      markupBasisPoints: markup.basisPoints,
      markupFixed: `${markup.fixed}`,
      rateMin: `${markup.min}`,
    },
    at,
  });
  await notifyChange(tx, { kind: 'catalog' });
}
