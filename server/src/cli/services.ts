import type { Command } from 'commander';
import { formatRate, parseRate, type Rate, type ServiceId } from '../base/index.ts';
import {
  createService,
  listServices,
  type ServiceType,
  setRoutes,
  updateService,
} from '../catalog/index.ts';
import { orderTypes } from '../orders/index.ts';
import { choice } from './choice.ts';
import type { Settings } from './program.ts';
import { addChanges } from './service-changes.ts';
import {
  addRoutes,
  collect,
  readRouteOptions,
  routeHelp,
  routeOption,
  unknownNote,
} from './service-routes.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatTable, requireChanges } from './text.ts';
import { orNull, toServiceId, toSwitch, toWhole } from './values.ts';

type TextOptions = { description?: string; averageTime?: string };

type CreateOptions = CommonOptions &
  TextOptions & {
    name: string;
    category: string;
    type: ServiceType;
    rate: Rate;
    min: number;
    max: number;
    refill?: boolean;
    refillDays?: number;
    cancel?: boolean;
    dripfeed?: boolean;
    denyDuplicates?: boolean;
    hidden?: boolean;
    disabled?: boolean;
    route: string[];
  };

type UpdateOptions = CommonOptions &
  TextOptions &
  Partial<{
    name: string;
    category: string;
    type: ServiceType;
    rate: Rate;
    min: number;
    max: number;
    refill: boolean;
    refillDays: number | null;
    cancel: boolean;
    dripfeed: boolean;
    denyDuplicates: boolean;
    hidden: boolean;
    enabled: boolean;
    position: number;
  }>;

const types = Object.keys(orderTypes);
const toRate = (text: string) => parseRate(text, '--rate');

/** `services`: what customers can order. */
export function addServices(program: Command, settings: Settings): void {
  const group = program.command('services').description('what customers can order');
  addCreate(group, settings);
  addUpdate(group, settings);
  addList(group, settings);
  addRoutes(group, settings);
  addChanges(group, settings);
}

function addCreate(group: Command, settings: Settings): void {
  group
    .command('create')
    .description('create a service, as the last one of its category')
    .requiredOption('--name <name>', 'as customers see it')
    .requiredOption('--category <category>', "the category's name; a new one is created")
    .addOption(choice('--type <type>', 'what an order needs', types).makeOptionMandatory())
    .requiredOption('--rate <rate>', 'price per 1000 (per package for packages)', toRate)
    .requiredOption('--min <n>', 'least quantity', toWhole)
    .requiredOption('--max <n>', 'largest quantity', toWhole)
    .option('--refill', 'customers may ask for refills')
    .option('--refill-days <days>', 'how long after completion; default: for ever', toWhole)
    .option('--cancel', 'customers may ask for cancellation')
    .option('--dripfeed', 'customers may spread an order over runs')
    .option('--deny-duplicates', 'one running order per customer and link')
    .option('--description <text>', 'shown if the panel shows descriptions')
    .option('--average-time <text>', 'shown if the panel shows average times')
    .option('--hidden', 'not listed and not on sale')
    .option('--disabled', 'off sale')
    .option(...routeOption, collect, [])
    .addHelpText(
      'after',
      `${routeHelp}\n` +
        '\nExample:\n  panelwright services create --name Followers --category Instagram ' +
        '--type Default \\\n    --rate 0.90 --min 50 --max 10000 --refill --refill-days 30',
    )
    .action((options: CreateOptions) =>
      runOnApp(settings, options, async (app) => {
        const { json: _, disabled, route, ...input } = options;
        const routes = await readRouteOptions(app, route);
        const id = await createService(app, cliActor, { ...input, enabled: disabled !== true });
        if (routes.length === 0) return { json: { id }, text: `service ${id}` };
        const { unknown } = await setRoutes(app, cliActor, { serviceId: id, routes });
        return { json: { id }, text: `service ${id}${unknownNote(unknown)}` };
      }),
    );
}

function addUpdate(group: Command, settings: Settings): void {
  group
    .command('update')
    .description('change a service; orders that exist keep their price')
    .argument('<service>', "the service's number", toServiceId)
    .option('--name <name>', 'as customers see it')
    .option('--category <category>', "the category's name; a new one is created")
    .addOption(choice('--type <type>', 'what an order needs', types))
    .option('--rate <rate>', 'price per 1000 (per package for packages)', toRate)
    .option('--min <n>', 'least quantity', toWhole)
    .option('--max <n>', 'largest quantity', toWhole)
    .option('--refill <on|off>', 'customers may ask for refills', toSwitch)
    .option('--refill-days <days>', 'or "none" for ever', orNull('none', toWhole))
    .option('--cancel <on|off>', 'customers may ask for cancellation', toSwitch)
    .option('--dripfeed <on|off>', 'customers may spread an order over runs', toSwitch)
    .option('--deny-duplicates <on|off>', 'one running order per customer and link', toSwitch)
    .option('--description <text>', 'shown if the panel shows descriptions')
    .option('--average-time <text>', 'shown if the panel shows average times')
    .option('--hidden <on|off>', 'not listed and not on sale', toSwitch)
    .option('--enabled <on|off>', 'on sale', toSwitch)
    .option('--position <n>', 'its place in the category', toWhole)
    .action((serviceId: ServiceId, options: UpdateOptions) => {
      const { json: _, ...changes } = options;
      requireChanges(changes);
      return runOnApp(settings, options, async (app) => {
        await updateService(app, cliActor, { serviceId, changes });
        return { json: { id: serviceId }, text: `service ${serviceId} is changed` };
      });
    });
}

function addList(group: Command, settings: Settings): void {
  group
    .command('list')
    .description("all services in the customers' order, also hidden and disabled ones")
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const services = (await listServices(app.db)).map((service) => ({
          ...service,
          rate: formatRate(service.rate),
        }));
        const rows = services.map((service) => [
          `${service.id}`,
          service.rate,
          `${service.min}`,
          `${service.max}`,
          service.enabled ? (service.hidden ? 'hidden' : 'on sale') : 'disabled',
          service.type,
          service.category,
          service.name,
        ]);
        const heading = ['id', 'rate', 'min', 'max', 'state', 'type', 'category', 'name'];
        return { json: services, text: formatTable(heading, rows) };
      }),
    );
}
