import { type Amount, AppError, formatAmount, type PaymentMethodId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { isOffered, type Method, readMethod } from './method.ts';
import { toMinorUnits } from './minor-units.ts';
import { type Pricing, priceDeposit } from './rules.ts';

/**
 * What would become of an amount that is paid by a method, by the terms of now; nothing is started.
 * @throws AppError as `startPayment` does for the method and the amount
 */
export async function quotePayment(
  db: Db,
  input: { methodId: PaymentMethodId; amount: Amount },
): Promise<Pricing> {
  const method = await readOffered(db, input.methodId);
  const pricing = priceOrRefuse(input.amount, method);
  if (method.kind === 'stripe') {
    const { currency } = await db
      .selectFrom('settings')
      .select('currency')
      .executeTakeFirstOrThrow();
    toMinorUnits(pricing.amount, currency);
  }
  return pricing;
}

/** A method that customers can pay by. @throws AppError `not_found` also for one not offered */
export async function readOffered(db: Db, methodId: PaymentMethodId): Promise<Method> {
  const method = await readMethod(db, methodId);
  if (!isOffered(method)) throw new AppError('not_found', `no payment method ${method.id}`);
  return method;
}

/**
 * What an amount brings by a method.
 * @throws AppError `invalid_input` with `min`, `max` or `amount` as its detail
 */
export function priceOrRefuse(paid: Amount, method: Method): Pricing {
  const { min, max } = method;
  if (paid < min) {
    throw new AppError('invalid_input', `the least amount is ${formatAmount(min)}`, {
      detail: 'min',
    });
  }
  if (paid > max) {
    throw new AppError('invalid_input', `the largest amount is ${formatAmount(max)}`, {
      detail: 'max',
    });
  }
  const pricing = priceDeposit(paid, method);
  if (pricing !== undefined) return pricing;
  throw new AppError('invalid_input', 'the fee leaves nothing of this amount', {
    detail: 'amount',
  });
}
