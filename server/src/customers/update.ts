import { type Actor, type Amount, AppError, type CustomerId, formatAmount } from '../base/index.ts';
import { recordAudit, rowLock, type Tx } from '../db/index.ts';
import { setCreditLimit } from '../ledger/index.ts';
import { type CustomersCtx, changeCustomer } from './change.ts';
import { requireStaff } from './permission.ts';

export type CustomerChanges = {
  name?: string;
  status?: 'active' | 'suspended';
  /** Why; it stands in the audit and, while they are suspended, with the customer. For staff. */
  reason?: string;
  /** Hundredths of a percent off the list price, 0 to 9999. */
  discountBasisPoints?: number;
  /** API calls per second; null for the panel's default. */
  callsPerSecondMax?: number | null;
  creditLimit?: Amount;
};

const discountMax = 9_999;
const callsPerSecondLimit = 1_000_000;
const reasonLengthMax = 500;

/**
 * Changes a customer; every process sees it as soon as it is committed.
 * @throws AppError `not_allowed` also for more credit by staff with a daily limit, `not_found`,
 *   `invalid_input`, or `conflict` when the balance is already below a new credit limit
 */
export async function updateCustomer(
  ctx: CustomersCtx,
  actor: Actor,
  input: { customerId: CustomerId; changes: CustomerChanges },
): Promise<void> {
  requireStaff(actor, 'customers');
  const { customerId, changes } = input;
  validate(changes);
  const at = ctx.clock.now();
  await changeCustomer(ctx, customerId, async (tx) => {
    const before = await lockCustomer(tx, customerId);
    const limitBefore =
      changes.creditLimit === undefined
        ? undefined
        : await setCreditLimit(tx, { customerId, creditLimit: changes.creditLimit, at });
    if (limitBefore !== undefined && (changes.creditLimit ?? limitBefore) > limitBefore) {
      await requireNoDailyLimit(tx, actor);
    }
    // After the wallet: in a cluster it is a lock that whoever holds one waits for.
    await writeChanges(tx, { customerId, before, changes });
    await recordAudit(tx, {
      actor,
      action: 'customer.update',
      subject: `customer:${customerId}`,
      customerId,
      before: {
        ...before,
        ...(limitBefore === undefined ? {} : { creditLimit: formatAmount(limitBefore) }),
      },
      after: {
        ...changes,
        ...(changes.creditLimit === undefined
          ? {}
          : { creditLimit: formatAmount(changes.creditLimit) }),
      },
      at,
    });
  });
}

/** Credit is money that nobody paid in: who may give only so much a day gives none of it. */
async function requireNoDailyLimit(tx: Tx, actor: Actor): Promise<void> {
  if (actor.kind !== 'staff' || actor.access === 'full') return;
  const member = await tx
    .selectFrom('staff')
    .select('daily_limit')
    .where('id', '=', actor.access.staffId)
    .executeTakeFirst();
  if (member?.daily_limit === null) return;
  throw new AppError('not_allowed', `${actor.name} has a daily limit and can't raise credit`, {
    detail: 'daily_limit',
  });
}

async function lockCustomer(tx: Tx, customerId: CustomerId) {
  const before = await tx
    .selectFrom('customers')
    .select([
      'name',
      'status',
      'suspended_by as suspendedBy',
      'suspension_note as suspensionNote',
      'discount_basis_points as discountBasisPoints',
      'calls_per_second_max as callsPerSecondMax',
    ])
    .where('id', '=', customerId)
    .modifyEnd(await rowLock(tx, ['customers', customerId]))
    .executeTakeFirst();
  if (before === undefined) throw new AppError('not_found', `no customer ${customerId}`);
  return before;
}

async function writeChanges(
  tx: Tx,
  input: {
    customerId: CustomerId;
    before: Awaited<ReturnType<typeof lockCustomer>>;
    changes: CustomerChanges;
  },
): Promise<void> {
  const { customerId, before, changes } = input;
  await tx
    .updateTable('customers')
    .set({
      name: changes.name ?? before.name,
      status: changes.status ?? before.status,
      suspended_by: suspendedByAfter(before.suspendedBy, changes.status),
      suspension_note: noteAfter(before.suspensionNote, changes),
      discount_basis_points: changes.discountBasisPoints ?? before.discountBasisPoints,
      calls_per_second_max:
        changes.callsPerSecondMax === undefined
          ? before.callsPerSecondMax
          : changes.callsPerSecondMax,
    })
    .where('id', '=', customerId)
    .execute();
}

/** A suspension that staff repeat is theirs from then on: a dispute that is won leaves it. */
function suspendedByAfter(before: 'staff' | 'dispute' | null, status: CustomerChanges['status']) {
  if (status === undefined) return before;
  return status === 'suspended' ? 'staff' : null;
}

function noteAfter(before: string, { status, reason = '' }: CustomerChanges): string {
  if (status === undefined) return before;
  return status === 'suspended' ? reason.trim() : '';
}

function validate(changes: CustomerChanges): void {
  const { discountBasisPoints: discount, callsPerSecondMax: calls, name, reason = '' } = changes;
  if (discount !== undefined && !isBetween(discount, 0, discountMax)) {
    throw new AppError('invalid_input', 'a discount is 0 to 99.99 percent');
  }
  if (calls !== undefined && calls !== null && !isBetween(calls, 1, callsPerSecondLimit)) {
    throw new AppError('invalid_input', `calls per second are 1 to ${callsPerSecondLimit}`);
  }
  if (name !== undefined && name.trim() === '') {
    throw new AppError('invalid_input', 'a customer needs a name');
  }
  if (reason.trim().length > reasonLengthMax) {
    throw new AppError('invalid_input', `a reason has at most ${reasonLengthMax} letters`);
  }
}

function isBetween(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
