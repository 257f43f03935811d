import type { Command } from 'commander';
import { AppError, type ServiceId } from '../base/index.ts';
import { type Route, type RouteInput, setRoutes } from '../catalog/index.ts';
import { findProvider, readProviders } from '../providers/index.ts';
import type { App } from '../runtime/index.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatTable } from './text.ts';
import { toServiceId } from './values.ts';

type RoutesOptions = CommonOptions & { route: string[]; none?: boolean };

const routeFlags: ReadonlySet<string> = new Set(['delegated', 'unguarded']);

/** The option of a route, for `services create` and `services routes`. */
export const routeOption = [
  '--route <provider:service>',
  'where it is delivered; repeatable',
] as const;

/** What a route is written as, for help texts. */
export const routeHelp =
  '\nA route is PROVIDER:SERVICE, the provider by name or number. The first one is preferred,\n' +
  'the others step in. +delegated at its end: the provider makes the runs of drip-feeds and\n' +
  'watches for posts itself. +unguarded: send orders also where they cost more than they sold for.';

/** Gathers an option that may be given several times. */
export function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}

/** `services routes`: shows where a service is delivered, or sets it. */
export function addRoutes(group: Command, settings: Settings): void {
  group
    .command('routes')
    .description('show where a service is delivered, or replace that')
    .argument('<service>', "the service's number", toServiceId)
    .option(...routeOption, collect, [])
    .option('--none', 'by no provider: staff deliver it')
    .addHelpText('after', routeHelp)
    .action((serviceId: ServiceId, options: RoutesOptions) =>
      runOnApp(settings, options, async (app) => {
        if (options.none === true && options.route.length > 0) {
          throw new AppError('invalid_input', 'give --route or --none, not both');
        }
        if (options.none !== true && options.route.length === 0) return showRoutes(app, serviceId);
        const routes = await readRouteOptions(app, options.route);
        const { unknown } = await setRoutes(app, cliActor, { serviceId, routes });
        await app.catalog.refresh();
        const shown = await showRoutes(app, serviceId);
        return { json: shown.json, text: `${shown.text}${unknownNote(unknown)}` };
      }),
    );
}

/**
 * Routes as they were written on the command line.
 * @throws AppError `invalid_input`, `not_found`
 */
export async function readRouteOptions(
  app: Pick<App, 'db'>,
  texts: readonly string[],
): Promise<RouteInput[]> {
  const routes: RouteInput[] = [];
  for (const text of texts) {
    const { name, externalId, flags } = parseRoute(text);
    const { id: providerId } = await findProvider(app.db, name);
    const isDelegated = flags.includes('delegated');
    routes.push({
      providerId,
      externalId,
      isDelegated,
      guardsMargin: !flags.includes('unguarded'),
    });
  }
  return routes;
}

function parseRoute(text: string): { name: string; externalId: string; flags: string[] } {
  // The name of a provider may have a colon or a plus in it, the id of a service has neither.
  const match = /^(.+):([^:+]+)((?:\+[a-z]+)*)$/.exec(text.trim());
  const [, name = '', externalId = '', rest = ''] = match ?? [];
  const flags = rest.split('+').filter((flag) => flag !== '');
  if (match === null || !flags.every((flag) => routeFlags.has(flag))) {
    throw new AppError('invalid_input', `"${text}" is no route like Upstream:123`);
  }
  return { name, externalId: externalId.trim(), flags };
}

/** What to say of routes to services that the provider is not known to have. */
export function unknownNote(unknown: readonly { externalId: string }[]): string {
  if (unknown.length === 0) return '';
  const ids = unknown.map(({ externalId }) => externalId).join(', ');
  return `\nnote: not in the provider's stored catalog: ${ids} (providers sync)`;
}

async function showRoutes(app: App, serviceId: ServiceId) {
  const service = app.catalog.current().services.get(serviceId);
  if (service === undefined) throw new AppError('not_found', `no service ${serviceId}`);
  const names = new Map((await readProviders(app.db)).map(({ id, name }) => [id, name]));
  const rows = service.routes.map((route: Route) => [
    `${route.position}`,
    route.externalId,
    route.isDelegated ? 'yes' : 'no',
    route.guardsMargin ? 'yes' : 'no',
    names.get(route.providerId) ?? `${route.providerId}`,
  ]);
  const heading = ['order', 'service', 'delegated', 'guarded', 'provider'];
  const text = rows.length === 0 ? 'no routes: staff deliver it' : formatTable(heading, rows);
  return { json: { id: serviceId, routes: service.routes }, text };
}
