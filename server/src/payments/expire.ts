import { type Actor, hourMs } from '../base/index.ts';
import { type Ctx, inTransaction } from '../db/index.ts';
import { lockPayment, type PaymentKey } from './payment.ts';
import { writeChange } from './write.ts';

const actor: Actor = { kind: 'system', name: 'worker' };
/** A session of Stripe Checkout lasts 24 hours, and its last word may take a while. */
const gatewayMs = 26 * hourMs;
/** A transfer by hand can take days. */
const manualMs = 14 * 24 * hourMs;
const batchMax = 100;

/**
 * Ends payments that nobody has paid: after 26 hours, those by hand after 14 days. One that is paid
 * all the same is credited all the same.
 * @returns how many
 */
export async function expirePayments(ctx: Ctx): Promise<number> {
  const at = ctx.clock.now();
  const due: PaymentKey[] = await ctx.db
    .selectFrom('payments as p')
    .innerJoin('payment_methods as m', 'm.id', 'p.method_id')
    .select(['p.customer_id as customerId', 'p.id as paymentId'])
    .where('p.state', '=', 'started')
    .where((eb) =>
      eb.or([
        eb.and([
          eb('m.kind', '=', 'manual'),
          eb('p.created_at', '<', new Date(at.getTime() - manualMs)),
        ]),
        eb.and([
          eb('m.kind', '<>', 'manual'),
          eb('p.created_at', '<', new Date(at.getTime() - gatewayMs)),
        ]),
      ]),
    )
    .orderBy('p.created_at')
    .limit(batchMax)
    .execute();
  for (const key of due) await expire(ctx, key, at);
  return due.length;
}

async function expire(ctx: Ctx, key: PaymentKey, at: Date): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const before = await lockPayment(tx, key);
    if (before.state !== 'started') return;
    const after = { ...before, state: 'expired' as const };
    await writeChange(tx, { before, after }, { actor, kind: 'expired', at });
  });
}
