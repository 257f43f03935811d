import { AppError } from '../../base/index.ts';
import { type PriceTerms, readPriceTerms } from '../../customers/index.ts';
import type { CustomerActor, CustomerApiContext } from '../access.ts';

/**
 * What a customer pays who may order and ask for things; the suspended only look.
 * @throws AppError `customer_suspended`
 */
export async function refuseSuspended(
  ctx: CustomerApiContext,
  { customerId }: CustomerActor,
): Promise<PriceTerms> {
  const { status, ...terms } = await readPriceTerms(ctx.db, customerId);
  if (status === 'suspended') {
    throw new AppError('customer_suspended', `customer ${customerId} is suspended`);
  }
  return terms;
}
