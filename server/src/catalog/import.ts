import { type Actor, AppError, type Markup, type ServiceId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, notifyChange, recordAudit, type Tx } from '../db/index.ts';
import { findProvider, type Provider } from '../providers/index.ts';
import { changeCatalog } from './change.ts';
import { insertChanges } from './change-rows.ts';
import { createdChange } from './change-rules.ts';
import { type ImportInput, placeRows, selectRows, toMarkup } from './import-input.ts';
import { insertImported, readImported, readListed } from './import-rows.ts';
import { type ImportWarning, planImport } from './import-rules.ts';
import { describeMarkup } from './price-plan.ts';
import { repriceImported } from './reprice.ts';
import { lockListing } from './sync-rows.ts';

export type ImportReport = {
  created: { serviceId: ServiceId; externalId: string }[];
  /** How many were there before. */
  existing: number;
  /** How many of those have another mark-up now. */
  updated: number;
  warnings: ImportWarning[];
};

/**
 * Makes services of ours from those in a provider's stored catalog (sync it first), in its order
 * and categories, or all in one of ours, each with a route to its origin; from then on they follow
 * it. What was imported before is not imported again. Their rate: cost in the panel's currency,
 * plus percent, plus fixed, rounded up to the step, not below the least rate.
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
  return changeCatalog(ctx.db, async (tx) => {
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
    const unknown = wanted.filter(({ externalId }) => !imported.has(externalId));
    const fresh = placeRows(unknown, input);
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
      markup: describeMarkup(markup),
    },
    at,
  });
  await notifyChange(tx, { kind: 'catalog' });
}
