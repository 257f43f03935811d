import { z } from '@hono/zod-openapi';
import { type PaymentId, parseId } from '../base/index.ts';

/** What has become of a payment. */
export const paymentStateSchema = z
  .enum(['started', 'waiting', 'credited', 'failed', 'expired', 'disputed', 'lost', 'refunded'])
  .describe('`expired`: it was never made, and was ended by time, the customer or the gateway');

/** How a method is paid by: by hand, at Stripe, at a gateway of the operator's own. */
export const methodKindSchema = z.enum(['manual', 'stripe', 'webhook']);

/** Which payment, in a path. */
export const paymentParams = z.object({
  paymentId: z
    .string()
    .refine((text) => parseId(text) !== undefined, 'a number')
    .openapi({ example: '17' }),
});

/** The payment of a path, if there is one. */
export function paymentOf({ paymentId }: z.infer<typeof paymentParams>): PaymentId {
  return (parseId(paymentId) ?? 0n) as PaymentId;
}
