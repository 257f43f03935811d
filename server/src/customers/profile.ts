import { type Actor, AppError } from '../base/index.ts';
import { type Ctx, inTransaction, recordAudit, rowLock } from '../db/index.ts';

export const notificationKinds = ['deposits', 'orders', 'refills'] as const;

/** What customers set for themselves. */
export type Profile = {
  language: 'en' | 'zh-CN';
  /** An IANA name such as `Asia/Shanghai`. */
  timeZone: string;
  /** What is mailed to them. */
  notifications: readonly (typeof notificationKinds)[number][];
};

/**
 * Changes a customer's own settings; those not given stay as they are.
 * @throws AppError `not_found`, or `invalid_input` for a time zone that does not exist
 */
export async function updateProfile(
  ctx: Ctx,
  actor: Actor & { kind: 'customer' },
  changes: Partial<Profile>,
): Promise<void> {
  const { language, timeZone, notifications } = changes;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new AppError('invalid_input', `"${timeZone}" is no time zone`, { detail: 'timeZone' });
  }
  const { customerId } = actor;
  await inTransaction(ctx.db, async (tx) => {
    const before = await tx
      .selectFrom('customers')
      .select(['language', 'time_zone as timeZone', 'notifications'])
      .where('id', '=', customerId)
      .modifyEnd(await rowLock(tx, ['customers', customerId]))
      .executeTakeFirst();
    if (before === undefined) throw new AppError('not_found', `no customer ${customerId}`);
    const after = {
      language: language ?? before.language,
      timeZone: timeZone ?? before.timeZone,
      notifications: notifications === undefined ? before.notifications : [...notifications],
    };
    await tx
      .updateTable('customers')
      .set({
        language: after.language,
        time_zone: after.timeZone,
        notifications: after.notifications,
      })
      .where('id', '=', customerId)
      .execute();
    const subject = `customer:${customerId}`;
    const at = ctx.clock.now();
    await recordAudit(tx, {
      actor,
      action: 'customer.profile',
      subject,
      customerId,
      before,
      after,
      at,
    });
  });
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name.length <= 60;
  } catch {
    return false;
  }
}
