import { z } from '@hono/zod-openapi';
import { amount, formatAmount } from '../../base/index.ts';
import type { StaffOrder } from '../../fulfilment/index.ts';
import { kindSchema, statusSchema } from '../customer/order-words.ts';
import { amountSchema, momentSchema } from '../open-api.ts';

export const deliveryStateSchema = z.enum([
  'due',
  'sending',
  'unknown',
  'following',
  'held',
  'done',
]);

/** An order among others. */
export const staffOrderSchema = z
  .object({
    id: z.int(),
    customerId: z.int(),
    customer: z.string(),
    serviceId: z.int(),
    service: z.string(),
    kind: kindSchema,
    status: statusSchema,
    link: z.string(),
    quantity: z.int(),
    remains: z.int(),
    charge: amountSchema.describe('as it was placed'),
    refunded: amountSchema,
    parentId: z.int().nullable(),
    createdAt: momentSchema,
    delivery: z
      .object({
        state: deliveryStateSchema,
        reason: z.string().describe('why it waits for staff; empty: it does not'),
        providerId: z.int(),
        provider: z.string(),
        externalId: z.string().nullable(),
      })
      .nullable()
      .describe('null: staff deliver it'),
  })
  .openapi('StaffOrder');

/** An order as `staffOrderSchema` has it. */
export function staffOrderView(order: StaffOrder): z.infer<typeof staffOrderSchema> {
  return {
    ...order,
    id: Number(order.id),
    quantity: Number(order.quantity),
    remains: Number(order.remains),
    charge: formatAmount(order.charge),
    refunded: formatAmount(order.refunded),
    parentId: order.parentId === null ? null : Number(order.parentId),
    createdAt: order.createdAt.toISOString(),
  };
}

/** What was found out about an attempt that nobody knows the end of. */
export const evidenceSchema = z
  .object({
    asked: z.string().nullable().describe('what came of asking again under its request id'),
    balance: z
      .object({
        verdict: z.enum(['charged', 'not_charged', 'unclear']),
        before: amountSchema.nullable(),
        after: amountSchema,
        explained: amountSchema.describe('what other orders have cost meanwhile'),
        cost: amountSchema.nullable(),
      })
      .nullable()
      .describe("in the provider's currency"),
    probe: z
      .object({
        found: z.string().nullable(),
        charge: z.enum(['expected', 'other', 'unknown']),
        candidates: z.array(z.string()),
        from: z.string(),
        to: z.string(),
        problem: z.string(),
      })
      .nullable()
      .describe('orders there that may be it'),
  })
  .openapi('Evidence');

const storedAmount = z
  .string()
  .regex(/^-?\d+$/)
  .transform((units) => formatAmount(amount(BigInt(units))));

/** Evidence as it is stored: amounts are counts of 10⁻⁸ in text. */
const storedSchema = z.object({
  asked: z.string().nullable().default(null),
  balance: z
    .object({
      verdict: z.enum(['charged', 'not_charged', 'unclear']),
      before: storedAmount.nullable(),
      after: storedAmount,
      explained: storedAmount,
      cost: storedAmount.nullable(),
    })
    .nullable()
    .default(null),
  probe: evidenceSchema.shape.probe.default(null),
});

/** Evidence as `evidenceSchema` has it; null: nothing was found out yet. */
export function evidenceView(stored: unknown): z.infer<typeof evidenceSchema> | null {
  const { data } = storedSchema.safeParse(stored ?? {});
  if (data === undefined) return null;
  const isEmpty = data.asked === null && data.balance === null && data.probe === null;
  return isEmpty ? null : data;
}
