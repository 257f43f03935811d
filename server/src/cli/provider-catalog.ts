import type { Command } from 'commander';
import { AppError, parseRate, type Rate } from '../base/index.ts';
import {
  type ImportReport,
  importServices,
  type SyncReport,
  syncProvider,
} from '../catalog/index.ts';
import { findProvider, type Provider, readProviders } from '../providers/index.ts';
import type { App } from '../runtime/index.ts';
import type { Settings } from './program.ts';
import { collect } from './service-routes.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatTable } from './text.ts';
import { toMarkup } from './values.ts';

type ImportOptions = CommonOptions & {
  markup: number;
  fixed?: Rate;
  floor?: Rate;
  category: string[];
  service: string[];
  update?: boolean;
  stored?: boolean;
};

type SyncOptions = CommonOptions & { force?: boolean };

const warningsShownMax = 50;

/** `providers import` and `providers sync`: the catalogs of upstream panels. */
export function addProviderCatalogs(group: Command, settings: Settings): void {
  addImport(group, settings);
  addSync(group, settings);
}

function addImport(group: Command, settings: Settings): void {
  group
    .command('import')
    .description("sell what a provider lists; from then on its prices follow the provider's")
    .argument('<provider>', 'its name or number')
    .option('--markup <percent>', 'on top of its price; default: 0', toMarkup, 0)
    .option('--fixed <rate>', 'added after that, per 1000', (text) => parseRate(text, '--fixed'))
    .option('--floor <rate>', 'no rate is below this', (text) => parseRate(text, '--floor'))
    .option('--category <name>', 'this category of it; repeatable', collect, [])
    .option('--service <id>', 'this service of it; repeatable', collect, [])
    .option('--update', 'give the mark-up also to what was imported before')
    .option('--stored', 'from its list as it was last stored, without asking for a new one')
    .addHelpText(
      'after',
      '\nWithout --category and --service everything it lists is imported.\n\n' +
        'Example:\n  panelwright providers import Upstream --markup 20 --floor 0.05 ' +
        '--category Followers',
    )
    .action((nameOrId: string, options: ImportOptions) =>
      runOnApp(settings, options, async (app) => {
        const { id: providerId } = await findProvider(app.db, nameOrId);
        if (options.stored !== true) await syncProvider(app, cliActor, providerId);
        const report = await importServices(app, cliActor, {
          providerId,
          categories: options.category,
          externalIds: options.service,
          markupBasisPoints: options.markup,
          ...(options.fixed === undefined ? {} : { markupFixed: options.fixed }),
          ...(options.floor === undefined ? {} : { rateMin: options.floor }),
          updatesMarkup: options.update === true,
        });
        return { json: report, text: importText(report) };
      }),
    );
}

function addSync(group: Command, settings: Settings): void {
  group
    .command('sync')
    .description('fetch the catalog of a provider, or of all that are not paused, and follow it')
    .argument('[provider]', 'its name or number')
    .option('--force', 'believe the list also if it lost nearly everything')
    .action((nameOrId: string | undefined, options: SyncOptions) =>
      runOnApp(settings, options, async (app) => {
        const force = options.force === true;
        if (nameOrId !== undefined) {
          const provider = await findProvider(app.db, nameOrId);
          const report = await syncProvider(app, cliActor, { providerId: provider.id, force });
          const json = [{ provider: provider.id, ...report }];
          return { json, text: syncText(provider, report) };
        }
        return syncAll(app, force);
      }),
    );
}

/** One provider that does not answer is told of, and stops no other. */
async function syncAll(app: App, force: boolean) {
  const json: object[] = [];
  const lines: string[] = [];
  for (const provider of await readProviders(app.db)) {
    if (provider.state === 'paused' || provider.keySealed === null) continue;
    try {
      const report = await syncProvider(app, cliActor, { providerId: provider.id, force });
      json.push({ provider: provider.id, ...report });
      lines.push(syncText(provider, report));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      process.exitCode = 1;
      json.push({ provider: provider.id, error: error.message });
      lines.push(error.message);
    }
  }
  return { json, text: lines.join('\n') || '(no provider to sync)' };
}

function importText(report: ImportReport): string {
  const { created, existing, updated, warnings } = report;
  const head =
    `${created.length} services are created, ${existing} were there before` +
    (updated > 0 ? `, ${updated} of those have the new mark-up` : '');
  const rows = warnings.map(({ subject, code, isSkipped }) => [
    subject,
    isSkipped ? 'left out' : 'imported',
    code.replaceAll('_', ' '),
  ]);
  return withWarnings(head, ['upstream', 'result', 'warning'], rows);
}

function syncText(provider: Provider, report: SyncReport): string {
  const { listed, followed, applied, held, warnings } = report;
  const head =
    `${provider.name}: ${listed} services listed, ${followed} followed, ` +
    `${applied} changes applied, ${held} rates wait for you (services changes --held)`;
  const rows = warnings.map(({ code, serviceId }) => [
    serviceId === null ? 'all' : `${serviceId}`,
    code.replaceAll('_', ' '),
  ]);
  return withWarnings(head, ['service', 'warning'], rows);
}

function withWarnings(head: string, heading: string[], rows: string[][]): string {
  if (rows.length === 0) return head;
  const more = rows.length - warningsShownMax;
  const rest = more > 0 ? `\n… and ${more} more; --json prints all` : '';
  return `${head}\n${formatTable(heading, rows.slice(0, warningsShownMax))}${rest}`;
}
