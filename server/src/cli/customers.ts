import type { Command } from 'commander';
import {
  type Amount,
  AppError,
  type CustomerId,
  formatAmount,
  formatRate,
  parseAmount,
  parseRate,
  type Rate,
  type ServiceId,
} from '../base/index.ts';
import {
  type CustomerChanges,
  createCustomer,
  createKey,
  liftMoneyStop,
  listCustomers,
  readCustomer,
  readMoneyStop,
  setCustomerPrice,
  updateCustomer,
} from '../customers/index.ts';
import { readCustomerActivity } from '../figures/index.ts';
import { readStatement } from '../ledger/index.ts';
import { inviteUser } from '../sign-in/index.ts';
import { choice } from './choice.ts';
import { customerJson, describeCustomer } from './customer-text.ts';
import { linkReply, requireSignIn } from './invitation.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatTable, formatTime, requireChanges } from './text.ts';
import { orNull, toBasisPoints, toCustomerId, toLimit, toServiceId, toWhole } from './values.ts';

const customersShown = 1_000;
const linesShown = 50;

type UpdateOptions = CommonOptions & {
  name?: string;
  status?: 'active' | 'suspended';
  discount?: number;
  creditLimit?: Amount;
  callsPerSecond?: number | null;
};

/** `customers`: who orders, at which terms. */
export function addCustomers(program: Command, settings: Settings): void {
  const group = program.command('customers').description('customers and their terms');
  addCreateAndList(group, settings);
  addShow(group, settings);
  group
    .command('update')
    .description('change a customer; the running server follows at once')
    .argument('<customer>', 'its number', toCustomerId)
    .option('--name <name>', 'new name')
    .addOption(choice('--status <status>', 'whether its keys work', ['active', 'suspended']))
    .option('--discount <percent>', 'off every list price: 0 to 99.99', toBasisPoints)
    .option('--credit-limit <amount>', 'how far below 0 the balance may go', (text) =>
      parseAmount(text, '--credit-limit'),
    )
    .option('--calls-per-second <n>', 'API calls, or "default"', orNull('default', toWhole))
    .action((customerId: CustomerId, options: UpdateOptions) => {
      const changes = toChanges(options);
      requireChanges(changes);
      return runOnApp(settings, options, async (app) => {
        await updateCustomer(app, cliActor, { customerId, changes });
        return { json: { id: customerId }, text: `customer ${customerId} is changed` };
      });
    });
  group
    .command('invite')
    .description('let a customer sign in to the web app; prints a link to set the password, once')
    .argument('<customer>', 'its number', toCustomerId)
    .requiredOption('--email <address>', 'the address to sign in with')
    .action((customerId: CustomerId, options: CommonOptions & { email: string }) =>
      runOnApp(settings, options, async (app) => {
        requireSignIn(app);
        const { email } = options;
        const { token } = await inviteUser(app, cliActor, { owner: { customerId }, email });
        return linkReply(settings(), { id: customerId }, token);
      }),
    );
  group
    .command('lift-stop')
    .description('let money move again that was stopped because it does not add up')
    .argument('<customer>', 'its number', toCustomerId)
    .requiredOption('--reason <text>', 'why that is right, for the audit log')
    .action((customerId: CustomerId, options: CommonOptions & { reason: string }) =>
      runOnApp(settings, options, async (app) => {
        const { reason } = options;
        await liftMoneyStop(app, cliActor, { customerId, reason });
        return {
          json: { id: customerId },
          text: `the money of customer ${customerId} moves again`,
        };
      }),
    );
  addPrice(group, settings);
  addStatement(group, settings);
}

function toChanges(options: UpdateOptions): CustomerChanges {
  const { name, status, discount, creditLimit, callsPerSecond } = options;
  return {
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(discount === undefined ? {} : { discountBasisPoints: discount }),
    ...(creditLimit === undefined ? {} : { creditLimit }),
    ...(callsPerSecond === undefined ? {} : { callsPerSecondMax: callsPerSecond }),
  };
}

function addCreateAndList(group: Command, settings: Settings): void {
  group
    .command('create')
    .description("create a customer with a key named 'default', which is shown once")
    .requiredOption('--name <name>', 'the name, for you alone')
    .addHelpText('after', '\nExample:\n  panelwright customers create --name "Reseller One"')
    .action((options: CommonOptions & { name: string }) =>
      runOnApp(settings, options, async (app) => {
        const customerId = await createCustomer(app, cliActor, { name: options.name });
        const { key } = await createKey(app, cliActor, { customerId, name: 'default' });
        const text = `customer ${customerId}\nkey ${key}  (shown once)`;
        return { json: { id: customerId, key }, text };
      }),
    );
  group
    .command('list')
    .description('customers with balance and terms')
    .option('--limit <n>', 'at most so many', toLimit, customersShown)
    .action((options: CommonOptions & { limit: number }) =>
      runOnApp(settings, options, async (app) => {
        const customers = (await listCustomers(app.db, options.limit)).map((row) => ({
          id: row.id,
          name: row.name,
          status: row.status,
          balance: formatAmount(row.balance),
          creditLimit: formatAmount(row.creditLimit),
          discount: (row.discountBasisPoints / 100).toString(),
        }));
        const rows = customers.map((row) => [
          `${row.id}`,
          row.status,
          row.balance,
          row.creditLimit,
          `${row.discount}%`,
          row.name,
        ]);
        const heading = ['id', 'status', 'balance', 'credit limit', 'discount', 'name'];
        return { json: customers, text: formatTable(heading, rows) };
      }),
    );
}

function addShow(group: Command, settings: Settings): void {
  group
    .command('show')
    .description('a customer with balance, terms, own prices, and what they have under way')
    .argument('<customer>', 'its number', toCustomerId)
    .addHelpText('after', '\nExample:\n  panelwright customers show 1')
    .action((customerId: CustomerId, options: CommonOptions) =>
      runOnApp(settings, options, async ({ db, catalog }) => {
        const [customer, activity, moneyStop] = await Promise.all([
          readCustomer(db, customerId),
          readCustomerActivity(db, customerId),
          readMoneyStop(db, customerId),
        ]);
        if (customer === undefined) throw new AppError('not_found', `no customer ${customerId}`);
        const { services, settings: panel } = catalog.current();
        const listRateOf = (id: ServiceId) => services.get(id)?.rate;
        const known = { customer, activity, moneyStop, currency: panel.currency, listRateOf };
        return { json: customerJson(known), text: describeCustomer(known) };
      }),
    );
}

function addPrice(group: Command, settings: Settings): void {
  type Options = CommonOptions & { service: ServiceId; rate: Rate | null };
  group
    .command('price')
    .description("a customer's own price for a service, in place of list price and discount")
    .argument('<customer>', 'its number', toCustomerId)
    .requiredOption('--service <service>', "the service's number", toServiceId)
    .requiredOption(
      '--rate <rate>',
      'per 1000 (per package for packages), or "none" to end it',
      orNull('none', (text) => parseRate(text, '--rate')),
    )
    .action((customerId: CustomerId, options: Options) =>
      runOnApp(settings, options, async (app) => {
        const { service: serviceId, rate } = options;
        await setCustomerPrice(app, cliActor, { customerId, serviceId, rate });
        const shown = rate === null ? null : formatRate(rate);
        const text = `customer ${customerId}, service ${serviceId}: ${shown ?? 'list price'}`;
        return { json: { customer: customerId, service: serviceId, rate: shown }, text };
      }),
    );
}

function addStatement(group: Command, settings: Settings): void {
  type Options = CommonOptions & { before?: number; limit: number };
  group
    .command('statement')
    .description("a customer's transfers, newest first")
    .argument('<customer>', 'its number', toCustomerId)
    .option('--before <number>', 'older than this transfer', toWhole)
    .option('--limit <n>', 'at most so many', toLimit, linesShown)
    .action((customerId: CustomerId, options: Options) =>
      runOnApp(settings, options, async (app) => {
        const page = await readStatement(app.db, customerId, {
          limit: options.limit,
          ...(options.before === undefined ? {} : { before: BigInt(options.before) }),
        });
        const lines = page.lines.map((line) => ({
          number: Number(line.number),
          at: line.createdAt.toISOString(),
          debit: line.debit,
          credit: line.credit,
          change: formatAmount(line.change),
          balanceAfter: formatAmount(line.balanceAfter),
          reference: line.reference,
          order: line.orderId === null ? null : Number(line.orderId),
        }));
        const rows = page.lines.map((line) => [
          `${line.number}`,
          formatTime(line.createdAt),
          formatAmount(line.change),
          formatAmount(line.balanceAfter),
          line.reference,
        ]);
        const table = formatTable(['no', 'time', 'change', 'balance', 'reference'], rows);
        const next = page.next === null ? null : Number(page.next);
        const more = next === null ? '' : `\nolder ones: --before ${next}`;
        return { json: { lines, next }, text: `${table}${more}` };
      }),
    );
}
