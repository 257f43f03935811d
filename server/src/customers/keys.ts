import { BlockList, isIP } from 'node:net';
import { type Actor, AppError, type CustomerId, type KeyId } from '../base/index.ts';
import {
  type AuditAction,
  type Ctx,
  inTransaction,
  recordAudit,
  rowLock,
  type Tx,
} from '../db/index.ts';
import { type CustomersCtx, changeCustomer } from './change.ts';
import { generateKey } from './key-format.ts';
import { requireStaff } from './permission.ts';

export type CreatedKey = { id: KeyId; key: string };

/** One change of keys: its transaction, and who makes it. */
type KeyChange = { tx: Tx; ctx: Ctx; actor: Actor };

const keysMax = 50;
const addressesMax = 100;

/**
 * Creates a named API key. The key itself is in the answer and nowhere else.
 * @throws AppError `not_allowed` for another customer, `not_found`, `invalid_input` for a bad name
 *   or address, `conflict` when the customer has 50 keys in use
 */
export async function createKey(
  ctx: Ctx,
  actor: Actor,
  input: { customerId: CustomerId; name: string; allowedAddresses?: string[] },
): Promise<CreatedKey> {
  requireOwner(actor, input.customerId);
  return inTransaction(ctx.db, async (tx) => {
    await lockCustomer(tx, input.customerId);
    return insertKey({ tx, ctx, actor }, input);
  });
}

/**
 * Replaces a key: the new one has its name and addresses, the old one stops working at once.
 * @throws AppError `not_allowed`, `not_found` for no such key in use
 */
export async function rotateKey(
  ctx: CustomersCtx,
  actor: Actor,
  input: { customerId: CustomerId; keyId: KeyId },
): Promise<CreatedKey> {
  requireOwner(actor, input.customerId);
  return changeCustomer(ctx, input.customerId, async (tx) => {
    const change = { tx, ctx, actor };
    await lockCustomer(tx, input.customerId);
    const old = await markRevoked(change, input);
    return insertKey(change, {
      customerId: input.customerId,
      name: old.name,
      allowedAddresses: old.allowed_addresses,
    });
  });
}

/**
 * Stops a key in every process at once.
 * @throws AppError `not_allowed`, `not_found` for no such key in use
 */
export async function revokeKey(
  ctx: CustomersCtx,
  actor: Actor,
  input: { customerId: CustomerId; keyId: KeyId },
): Promise<void> {
  requireOwner(actor, input.customerId);
  const { customerId } = input;
  await changeCustomer(ctx, customerId, (tx) => markRevoked({ tx, ctx, actor }, input));
}

/**
 * Says from which addresses or networks (`10.0.0.0/8`) a key works; an empty list means any.
 * @throws AppError `not_allowed`, `not_found`, `invalid_input` naming the bad address
 */
export async function setAllowedAddresses(
  ctx: CustomersCtx,
  actor: Actor,
  input: { customerId: CustomerId; keyId: KeyId; allowedAddresses: string[] },
): Promise<void> {
  requireOwner(actor, input.customerId);
  const { customerId, keyId, allowedAddresses } = input;
  toBlockList(allowedAddresses);
  await changeCustomer(ctx, customerId, async (tx) => {
    const changed = await tx
      .updateTable('api_keys')
      .set({ allowed_addresses: allowedAddresses })
      .where('customer_id', '=', customerId)
      .where('id', '=', keyId)
      .where('revoked_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (changed === undefined) throw new AppError('not_found', `no key ${keyId} in use`);
    await auditKey({ tx, ctx, actor }, { customerId, keyId, action: 'key.addresses' });
  });
}

/**
 * Turns an allow-list into a matcher.
 * @throws AppError `invalid_input` naming the entry that is no address and no network
 */
export function toBlockList(entries: readonly string[]): BlockList {
  if (entries.length > addressesMax) {
    throw new AppError('invalid_input', `a key has at most ${addressesMax} addresses`);
  }
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const bitsMax = family === 'ipv6' ? 128 : 32;
    if (isIP(address) === 0 || (bits !== undefined && !isPrefix(bits, bitsMax))) {
      throw new AppError(
        'invalid_input',
        `"${entry}" is no address and no network like 10.0.0.0/8`,
      );
    }
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function isPrefix(bits: string, bitsMax: number): boolean {
  return /^[0-9]{1,3}$/.test(bits) && Number(bits) <= bitsMax;
}

/** The customer's row is the lock under which keys are counted; it is taken before keys change. */
async function lockCustomer(tx: Tx, customerId: CustomerId): Promise<void> {
  const customer = await tx
    .selectFrom('customers')
    .select('id')
    .where('id', '=', customerId)
    .modifyEnd(await rowLock(tx, ['customers', customerId]))
    .executeTakeFirst();
  if (customer === undefined) throw new AppError('not_found', `no customer ${customerId}`);
}

/** The caller has locked the customer. */
async function insertKey(
  change: KeyChange,
  input: { customerId: CustomerId; name: string; allowedAddresses?: string[] },
): Promise<CreatedKey> {
  const { tx, ctx } = change;
  const { customerId } = input;
  const name = input.name.trim();
  if (name.length === 0 || name.length > 100) {
    throw new AppError('invalid_input', "a key's name has 1 to 100 characters");
  }
  const allowedAddresses = input.allowedAddresses ?? [];
  toBlockList(allowedAddresses);
  const { count } = await tx
    .selectFrom('api_keys')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('customer_id', '=', customerId)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (count >= keysMax) {
    throw new AppError('conflict', `a customer has at most ${keysMax} keys; revoke one first`);
  }
  const generated = generateKey();
  const { id } = await tx
    .insertInto('api_keys')
    .values({
      customer_id: customerId,
      name,
      prefix: generated.prefix,
      hash: generated.hash,
      allowed_addresses: allowedAddresses,
      created_at: ctx.clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await auditKey(change, { customerId, keyId: id, action: 'key.create' });
  return { id, key: generated.key };
}

async function markRevoked(change: KeyChange, input: { customerId: CustomerId; keyId: KeyId }) {
  const { tx, ctx } = change;
  const { customerId, keyId } = input;
  const revoked = await tx
    .updateTable('api_keys')
    .set({ revoked_at: ctx.clock.now() })
    .where('customer_id', '=', customerId)
    .where('id', '=', keyId)
    .where('revoked_at', 'is', null)
    .returning(['name', 'allowed_addresses'])
    .executeTakeFirst();
  if (revoked === undefined) throw new AppError('not_found', `no key ${keyId} in use`);
  await auditKey(change, { customerId, keyId, action: 'key.revoke' });
  return revoked;
}

async function auditKey(
  change: KeyChange,
  input: { customerId: CustomerId; keyId: KeyId; action: AuditAction },
): Promise<void> {
  const { tx, ctx, actor } = change;
  const { customerId, keyId, action } = input;
  await recordAudit(tx, {
    actor,
    action,
    subject: `key:${keyId}`,
    customerId,
    at: ctx.clock.now(),
  });
}

/** Customers change their own keys, staff with the permission everybody's. */
function requireOwner(actor: Actor, customerId: CustomerId): void {
  if (actor.kind !== 'customer') requireStaff(actor, 'customers');
  else if (actor.customerId !== customerId) {
    throw new AppError('not_allowed', "another customer's keys");
  }
}
