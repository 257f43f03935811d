import {
  type Actor,
  AppError,
  type CustomerId,
  formatRate,
  type Rate,
  type ServiceId,
} from '../base/index.ts';
import { constraintName, recordAudit } from '../db/index.ts';
import { type CustomersCtx, changeCustomer } from './change.ts';
import { requireStaff } from './permission.ts';

/**
 * Gives a customer an own price for a service, in place of list price and discount; null takes it
 * away again.
 * @throws AppError `not_allowed`, `not_found` for an unknown customer or service
 */
export async function setCustomerPrice(
  ctx: CustomersCtx,
  actor: Actor,
  input: { customerId: CustomerId; serviceId: ServiceId; rate: Rate | null },
): Promise<void> {
  requireStaff(actor, 'customers');
  const { customerId, serviceId, rate } = input;
  const at = ctx.clock.now();
  try {
    await changeCustomer(ctx, customerId, async (tx) => {
      if (rate === null) {
        await tx
          .deleteFrom('customer_prices')
          .where('customer_id', '=', customerId)
          .where('service_id', '=', serviceId)
          .execute();
      } else {
        await tx
          .insertInto('customer_prices')
          .values({ customer_id: customerId, service_id: serviceId, rate })
          .onConflict((oc) => oc.columns(['customer_id', 'service_id']).doUpdateSet({ rate }))
          .execute();
      }
      await recordAudit(tx, {
        actor,
        action: 'customer.price',
        subject: `service:${serviceId}`,
        customerId,
        after: { rate: rate === null ? null : formatRate(rate) },
        at,
      });
    });
  } catch (error) {
    if (constraintName(error).startsWith('customer_prices_')) {
      throw new AppError('not_found', 'no such customer or service', { cause: error });
    }
    throw error;
  }
}
