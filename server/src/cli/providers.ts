import { readFileSync } from 'node:fs';
import { text as readStream } from 'node:stream/consumers';
import type { Command } from 'commander';
import { type Amount, AppError, parseAmount } from '../base/index.ts';
import { calibrateProvider } from '../fulfilment/index.ts';
import {
  addProvider,
  findProvider,
  type ProviderSettings,
  type ProviderState,
  readHealth,
  readProviders,
  setProviderState,
  testProvider,
  updateProvider,
} from '../providers/index.ts';
import type { Settings } from './program.ts';
import { providerJson, providersText, providerText } from './provider-text.ts';
import { toCallsPerMinute, toExchangeRate } from './provider-values.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { requireChanges } from './text.ts';
import { toSwitch, toWhole } from './values.ts';

/** commander takes null for a missing value, so a word stands for none until it is parsed. */
type None = 'none';

type KeyOptions = { key?: string; keyFile?: string; keyStdin?: boolean };

type SettingOptions = Partial<{
  currency: string;
  exchangeRate: bigint;
  requestsPerSecond: number;
  lowMark: Amount | None;
  requestIdField: string;
  alias: string;
  timeout: number;
}>;

type AddOptions = CommonOptions & KeyOptions & SettingOptions & { name: string; url: string };

type UpdateOptions = CommonOptions &
  KeyOptions &
  SettingOptions &
  Partial<{ name: string; url: string; idsIncrease: boolean } & SyncOptions>;

type SyncOptions = {
  syncPrices: boolean;
  syncLimits: boolean;
  syncFlags: boolean;
  syncRemovals: boolean;
  syncReturns: boolean;
  priceJump: number;
};

/** `providers`: the upstream panels that deliver. @returns the group, for further commands */
export function addProviders(program: Command, settings: Settings): Command {
  const group = program.command('providers').description('upstream panels that deliver orders');
  addAdd(group, settings);
  addReads(group, settings);
  addUpdate(group, settings);
  addState(group, settings, { name: 'pause', state: 'paused', does: 'make no calls to it at all' });
  addState(group, settings, {
    name: 'drain',
    state: 'draining',
    does: 'send it no new orders; those it has are followed',
  });
  addState(group, settings, { name: 'resume', state: 'on', does: 'send it orders again' });
  addTest(group, settings);
  addCalibrate(group, settings);
  return group;
}

/** What a provider is set up with and can be changed in. */
function withSettings(command: Command): Command {
  return command
    .option('--key <key>', 'its API key; it stays in the history of your shell')
    .option('--key-file <path>', 'read the key from this file instead')
    .option('--key-stdin', 'read the key from the standard input instead')
    .option('--currency <code>', 'what it counts in; default: USD')
    .option('--exchange-rate <rate>', "what one of that costs in the panel's", toExchangeRate)
    .option('--requests-per-second <n>', 'its limit; default: 2', toCallsPerMinute)
    .option('--low-mark <amount>', 'warn below this balance, or "none"', (text): Amount | None =>
      text === 'none' ? text : parseAmount(text, '--low-mark'),
    )
    .option('--request-id-field <name>', 'where it takes a request id, or "none"')
    .option('--alias <text>', 'a name that customers may see')
    .option(
      '--timeout <seconds>',
      'how long an order may take to be answered; default: 30',
      toWhole,
    );
}

function toSettings(options: SettingOptions): ProviderSettings {
  const { currency, exchangeRate, requestsPerSecond, lowMark, requestIdField, alias } = options;
  return given({
    currency,
    exchangeRate,
    callsPerMinuteMax: requestsPerSecond,
    balanceLowMark: lowMark === 'none' ? null : lowMark,
    requestIdField: requestIdField === 'none' ? null : requestIdField,
    alias,
    addTimeoutMs: options.timeout === undefined ? undefined : options.timeout * 1000,
  });
}

function given<Fields extends object>(fields: Fields): Partial<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Fields>; // the same fields, less those left out
}

async function readKey(options: KeyOptions): Promise<string | undefined> {
  const { key, keyFile, keyStdin } = options;
  const ways = [key, keyFile, keyStdin].filter((way) => way !== undefined);
  if (ways.length > 1) {
    throw new AppError('invalid_input', 'give one of --key, --key-file and --key-stdin');
  }
  if (keyStdin === true) return readStream(process.stdin);
  if (keyFile === undefined) return key;
  try {
    return readFileSync(keyFile, 'utf8');
  } catch (cause) {
    throw new AppError('invalid_input', `cannot read the key from ${keyFile}`, { cause });
  }
}

function addAdd(group: Command, settings: Settings): void {
  const command = group
    .command('add')
    .description('add an upstream panel; routes of services then send orders there')
    .requiredOption('--name <name>', 'the name, for you alone')
    .requiredOption('--url <url>', 'its API address, like https://panel.example/api/v2');
  withSettings(command)
    .addHelpText(
      'after',
      '\nExample:\n  panelwright providers add --name Upstream ' +
        '--url https://panel.example/api/v2 \\\n' +
        '    --key-file upstream.key --requests-per-second 2 --low-mark 10',
    )
    .action(async (options: AddOptions) => {
      const key = await readKey(options);
      if (key === undefined) {
        throw new AppError('invalid_input', 'give its key: --key-file, --key-stdin or --key');
      }
      const { name, url } = options;
      await runOnApp(settings, options, async (app) => {
        const id = await addProvider(app, cliActor, { name, url, key, ...toSettings(options) });
        return { json: { id }, text: `provider ${id}; try it: panelwright providers test ${id}` };
      });
    });
}

function addReads(group: Command, settings: Settings): void {
  group
    .command('list')
    .description('all providers')
    .action((options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const providers = await readProviders(app.db);
        return { json: providers.map(providerJson), text: providersText(providers) };
      }),
    );
  group
    .command('show')
    .description('one provider: settings, balance, and how its calls went in the last 24 hours')
    .argument('<provider>', 'its name or number')
    .action((nameOrId: string, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const provider = await findProvider(app.db, nameOrId);
        const health = await readHealth(app.db, provider.id, app.clock.now());
        return {
          json: { ...providerJson(provider), health },
          text: providerText(provider, health),
        };
      }),
    );
}

function addUpdate(group: Command, settings: Settings): void {
  const command = group
    .command('update')
    .description('change a provider; another scheme, host or port in its url blanks the stored key')
    .argument('<provider>', 'its name or number')
    .option('--name <name>', 'the name, for you alone')
    .option('--url <url>', 'its API address');
  withSettings(command)
    .option(
      '--ids-increase <on|off>',
      'its order ids only grow, which helps to find lost ones',
      toSwitch,
    )
    .option('--sync-prices <on|off>', "rates follow the provider's", toSwitch)
    .option('--sync-limits <on|off>', 'so do min and max', toSwitch)
    .option('--sync-flags <on|off>', 'so do refill, cancel and drip-feed', toSwitch)
    .option('--sync-removals <on|off>', 'what it sells no more goes off sale', toSwitch)
    .option('--sync-returns <on|off>', 'what it sells again goes back on sale', toSwitch)
    .option('--price-jump <percent>', 'a larger change of a rate waits for staff', toWhole)
    .action(async (nameOrId: string, options: UpdateOptions) => {
      const { name, url, idsIncrease, syncPrices, syncLimits, syncFlags } = options;
      const { syncRemovals, syncReturns, priceJump: priceJumpPercentMax } = options;
      const sync = { syncPrices, syncLimits, syncFlags, syncRemovals, syncReturns };
      const key = await readKey(options);
      const changes = {
        ...given({ name, url, key, idsIncrease, ...sync, priceJumpPercentMax }),
        ...toSettings(options),
      };
      requireChanges(changes);
      await runOnApp(settings, options, async (app) => {
        const { id: providerId } = await findProvider(app.db, nameOrId);
        const { state, hasKey } = await updateProvider(app, cliActor, { providerId, changes });
        const keyText = hasKey ? '' : '; it has no key now: store it with --key-file';
        return {
          json: { id: providerId, state, hasKey },
          text: `provider ${providerId} is changed and ${state}${keyText}`,
        };
      });
    });
}

function addState(
  group: Command,
  settings: Settings,
  verb: { name: string; state: ProviderState; does: string },
): void {
  group
    .command(verb.name)
    .description(verb.does)
    .argument('<provider>', 'its name or number')
    .action((nameOrId: string, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const { state } = verb;
        const { id: providerId, name } = await findProvider(app.db, nameOrId);
        const changed = await setProviderState(app, cliActor, { providerId, state });
        return {
          json: { id: providerId, state, changed },
          text: `provider "${name}" is ${state}${changed ? '' : ' already'}`,
        };
      }),
    );
}

function addTest(group: Command, settings: Settings): void {
  group
    .command('test')
    .description('ask a provider for its balance, whatever its state')
    .argument('<provider>', 'its name or number')
    .action((nameOrId: string, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const { id: providerId, name, currency } = await findProvider(app.db, nameOrId);
        const answer = await testProvider(app, cliActor, providerId);
        const differs = answer.currency !== null && answer.currency.toUpperCase() !== currency;
        const note = differs ? `\nnote: the panel has ${currency} for it (providers update)` : '';
        const shown = `${answer.balance} ${answer.currency ?? ''}`.trim();
        return {
          json: { id: providerId, ...answer },
          text: `provider "${name}" works: balance ${shown}, ${answer.tookMs} ms${note}`,
        };
      }),
    );
}

function addCalibrate(group: Command, settings: Settings): void {
  group
    .command('calibrate')
    .description(
      'find out, from the orders it has accepted and the numbers beside them, whether lost\n' +
        'orders can be found by number: its numbers must increase, and it must show only yours',
    )
    .argument('<provider>', 'its name or number')
    .action((nameOrId: string, options: CommonOptions) =>
      runOnApp(settings, options, async (app) => {
        const provider = await findProvider(app.db, nameOrId);
        const problem = await calibrateProvider(app, cliActor, provider);
        const idsIncrease = problem === '';
        const text = idsIncrease
          ? 'lost orders are looked for by their number from now on'
          : `lost orders are not looked for by their number: ${problem}`;
        return {
          json: { id: provider.id, idsIncrease, problem: idsIncrease ? null : problem },
          text: `provider "${provider.name}": ${text}`,
        };
      }),
    );
}
