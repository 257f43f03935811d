import type { Command } from 'commander';
import type { CustomerId, KeyId } from '../base/index.ts';
import {
  createKey,
  listKeys,
  revokeKey,
  rotateKey,
  setAllowedAddresses,
} from '../customers/index.ts';
import type { Settings } from './program.ts';
import { type CommonOptions, cliActor, runOnApp } from './session.ts';
import { formatTable, formatTime } from './text.ts';
import { toCustomerId, toKeyId } from './values.ts';

type OfCustomer = CommonOptions & { customer: CustomerId };

/** `keys`: the API keys of customers. */
export function addKeys(program: Command, settings: Settings): void {
  const group = program.command('keys').description('API keys of customers');
  addCreate(group, settings);
  addList(group, settings);
  ofCustomer(group.command('revoke'))
    .description('stop a key at once')
    .argument('<key>', "the key's number (see keys list)", toKeyId)
    .action((keyId: KeyId, options: OfCustomer) =>
      runOnApp(settings, options, async (app) => {
        await revokeKey(app, cliActor, { customerId: options.customer, keyId });
        return { json: { id: keyId }, text: `key ${keyId} works no more` };
      }),
    );
  ofCustomer(group.command('rotate'))
    .description('replace a key by a new one of the same name and addresses, shown once')
    .argument('<key>', "the old key's number", toKeyId)
    .action((keyId: KeyId, options: OfCustomer) =>
      runOnApp(settings, options, async (app) => {
        const created = await rotateKey(app, cliActor, { customerId: options.customer, keyId });
        const text = `key ${keyId} works no more; its successor is ${created.id}\n${created.key}`;
        return { json: created, text };
      }),
    );
  ofCustomer(group.command('allow'))
    .description('from which addresses or networks a key works; none given: from any')
    .argument('<key>', "the key's number", toKeyId)
    .argument('[addresses...]', 'such as 203.0.113.7 or 10.0.0.0/8')
    .action((keyId: KeyId, allowedAddresses: string[], options: OfCustomer) =>
      runOnApp(settings, options, async (app) => {
        const { customer: customerId } = options;
        await setAllowedAddresses(app, cliActor, { customerId, keyId, allowedAddresses });
        const shown = allowedAddresses.join(' ') || 'any address';
        return { json: { id: keyId, allowedAddresses }, text: `key ${keyId} works from ${shown}` };
      }),
    );
}

function addCreate(group: Command, settings: Settings): void {
  ofCustomer(group.command('create'))
    .description('create a key, which is shown once')
    .requiredOption('--name <name>', 'what it is for')
    .option('--allow <address...>', 'addresses or networks it works from; without it, all')
    .action((options: OfCustomer & { name: string; allow?: string[] }) =>
      runOnApp(settings, options, async (app) => {
        const created = await createKey(app, cliActor, {
          customerId: options.customer,
          name: options.name,
          allowedAddresses: options.allow ?? [],
        });
        return { json: created, text: `key ${created.id}\n${created.key}  (shown once)` };
      }),
    );
}

function addList(group: Command, settings: Settings): void {
  ofCustomer(group.command('list'))
    .description("a customer's keys, without the keys themselves: those are not kept")
    .action((options: OfCustomer) =>
      runOnApp(settings, options, async (app) => {
        const keys = await listKeys(app.db, options.customer);
        const rows = keys.map((key) => [
          `${key.id}`,
          key.prefix,
          key.revokedAt === null ? 'in use' : 'revoked',
          key.lastUsedAt === null ? 'never used' : formatTime(key.lastUsedAt),
          key.allowedAddresses.join(' ') || 'any',
          key.name,
        ]);
        const heading = ['id', 'begins with', 'state', 'last use', 'works from', 'name'];
        return { json: keys, text: formatTable(heading, rows) };
      }),
    );
}

function ofCustomer(command: Command): Command {
  return command.requiredOption('--customer <customer>', "the customer's number", toCustomerId);
}
