import { z } from '@hono/zod-openapi';
import type { StaffRefill } from '../../refills/index.ts';
import { momentSchema } from '../open-api.ts';

const refillStatusSchema = z.enum(['Pending', 'In progress', 'Completed', 'Rejected', 'Error']);

/** A refill with who does it. */
export const staffRefillSchema = z
  .object({
    id: z.int(),
    customerId: z.int(),
    customer: z.string(),
    orderId: z.int(),
    serviceId: z.int(),
    service: z.string(),
    link: z.string(),
    quantity: z.int(),
    status: refillStatusSchema,
    delivery: z
      .enum(['manual', 'due', 'sending', 'following', 'unknown', 'done'])
      .describe('manual and unknown wait for staff'),
    provider: z.string().nullable(),
    externalId: z.string().nullable(),
    externalOrderId: z.string().nullable().describe('null: no provider has its order'),
    note: z.string(),
    requestedAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('StaffRefill');

/** A refill as `staffRefillSchema` has it. */
export function staffRefillView(refill: StaffRefill): z.infer<typeof staffRefillSchema> {
  return {
    ...refill,
    id: Number(refill.id),
    orderId: Number(refill.orderId),
    quantity: Number(refill.quantity),
    requestedAt: refill.requestedAt.toISOString(),
    updatedAt: refill.updatedAt.toISOString(),
  };
}
