import type { Command } from 'commander';
import type { CategoryId } from '../base/index.ts';
import {
  type AllSettings,
  blockLink,
  listServices,
  moveCategory,
  readSettings,
  unblockLink,
  updateSettings,
} from '../catalog/index.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatFields, formatTable, requireChanges } from './text.ts';
import { orNull, toCategoryId, toSwitch, toWhole } from './values.ts';

/** `categories`, `settings` and `links`: what holds for the whole panel. */
export function addCatalog(program: Command, settings: Settings): void {
  addCategories(program, settings);
  addPanelSettings(program, settings);
  addLinks(program, settings);
}

function addCategories(program: Command, settings: Settings): void {
  const group = program.command('categories').description('the order of the catalog');
  group
    .command('list')
    .description('categories with services, in their order')
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const services = await listServices(app.db);
        const names = new Map(services.map((service) => [service.categoryId, service.category]));
        const categories = [...names].map(([id, name]) => ({ id, name }));
        const rows = categories.map(({ id, name }) => [`${id}`, name]);
        return { json: categories, text: formatTable(['id', 'name'], rows) };
      }),
    );
  group
    .command('move')
    .description('move a category: lower positions come first')
    .argument('<category>', "the category's number", toCategoryId)
    .requiredOption('--position <n>', 'its new position', toWhole)
    .action((categoryId: CategoryId, options: CommonOptions & { position: number }) =>
      runOnApp(settings, options, async (app) => {
        const { position } = options;
        await moveCategory(app, cliActor, { categoryId, position });
        const text = `category ${categoryId} is at position ${position}`;
        return { json: { id: categoryId, position }, text };
      }),
    );
}

type SetOptions = CommonOptions & {
  currency?: string;
  showDescription?: boolean;
  showAverageTime?: boolean;
  name?: string;
  tagline?: string;
  accent?: string;
  taglineZh?: string;
  announcement?: string;
  announcementZh?: string;
  contact?: string;
  contactZh?: string;
  staffSecondFactor?: boolean;
  signUp?: boolean;
  publicPriceList?: boolean;
  callsPerSecond?: number | null;
};

function addPanelSettings(program: Command, settings: Settings): void {
  const group = program.command('settings').description('what holds for the whole panel');
  group
    .command('show')
    .description('the settings in force')
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const current = await readSettings(app.db);
        return { json: current, text: formatSettings(current) };
      }),
    );
  group
    .command('set')
    .description('change settings; the running server follows at once')
    .option('--currency <code>', 'three capital letters; fixed once money has moved')
    .option('--show-description <on|off>', 'descriptions in the list of services', toSwitch)
    .option('--show-average-time <on|off>', 'average times in the list of services', toSwitch)
    .option('--name <name>', "the panel's name")
    .option('--tagline <text>', 'what stands below it')
    .option('--accent <colour>', 'such as #2f6f5e')
    .option('--tagline-zh <text>', 'the same for readers of Chinese')
    .option('--announcement <text>', 'above every page of customers; "" for none')
    .option('--announcement-zh <text>', 'the same for readers of Chinese')
    .option('--contact <text>', 'how customers reach you')
    .option('--contact-zh <text>', 'the same for readers of Chinese')
    .option('--sign-up <on|off>', 'whether anybody may sign up', toSwitch)
    .option('--public-price-list <on|off>', 'prices for who is not signed in', toSwitch)
    .option('--staff-second-factor <on|off>', 'staff need TOTP or a passkey', toSwitch)
    .option(
      '--calls-per-second <n>',
      'API calls of a customer, or "default"',
      orNull('default', toWhole),
    )
    .action((options: SetOptions) => {
      const { json: _, signUp, publicPriceList, callsPerSecond, ...rest } = options;
      const { staffSecondFactor, ...same } = rest;
      const changes: Partial<AllSettings> = {
        ...same,
        ...(signUp === undefined ? {} : { isSignUpOpen: signUp }),
        ...(publicPriceList === undefined ? {} : { isPriceListPublic: publicPriceList }),
        ...(staffSecondFactor === undefined ? {} : { isSecondFactorRequired: staffSecondFactor }),
        ...(callsPerSecond === undefined ? {} : { callsPerSecondDefault: callsPerSecond }),
      };
      requireChanges(changes);
      return runOnApp(settings, options, async (app) => {
        await updateSettings(app, cliActor, changes);
        return { json: await readSettings(app.db), text: 'settings are changed' };
      });
    });
}

function formatSettings(current: AllSettings): string {
  const onOff = (value: boolean) => (value ? 'on' : 'off');
  return formatFields([
    ['currency', current.currency],
    ['show description', onOff(current.showDescription)],
    ['show average time', onOff(current.showAverageTime)],
    ['name', current.name],
    ['tagline', current.tagline],
    ['accent', current.accent],
    ['languages', current.languages.join(', ')],
    ['announcement', current.announcement],
    ['contact', current.contact],
    ['sign-up', onOff(current.isSignUpOpen)],
    ['public price list', onOff(current.isPriceListPublic)],
    ['staff need a second factor', onOff(current.isSecondFactorRequired)],
    ['calls per second', `${current.callsPerSecondDefault ?? 'default'}`],
  ]);
}

function addLinks(program: Command, settings: Settings): void {
  const group = program.command('links').description('links that are never taken');
  group
    .command('list')
    .description('the block list')
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const blocked = app.catalog.current().blockedLinks;
        return { json: blocked, text: blocked.join('\n') || '(none)' };
      }),
    );
  group
    .command('block')
    .description('refuse every link that contains this text, in any case')
    .argument('<text>', 'for example casino.example')
    .action((text: string, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        await blockLink(app, cliActor, text);
        return { json: { blocked: text }, text: `links with "${text}" are refused` };
      }),
    );
  group
    .command('unblock')
    .description('take a text off the block list')
    .argument('<text>', 'as it was blocked')
    .action((text: string, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        await unblockLink(app, cliActor, text);
        return { json: { unblocked: text }, text: `links with "${text}" are taken again` };
      }),
    );
}
