import { z } from '@hono/zod-openapi';
import { formatAmount } from '../../base/index.ts';
import type { OfferedMethod, PaymentLine, Pricing } from '../../payments/index.ts';
import { amountSchema, momentSchema } from '../open-api.ts';
import { methodKindSchema, paymentStateSchema } from '../payment-words.ts';

/** A way to pay, with what it keeps and adds. */
export const offeredMethodSchema = z
  .object({
    id: z.int(),
    kind: methodKindSchema,
    name: z.string(),
    min: amountSchema,
    max: amountSchema,
    feeBasisPoints: z.int().describe('of what is paid, in hundredths of a percent'),
    feeFixed: amountSchema.describe('besides'),
    bonusTiers: z.array(
      z.object({
        from: amountSchema.describe('the least amount that gets it'),
        basisPoints: z.int().describe('of what is paid, in hundredths of a percent'),
      }),
    ),
  })
  .openapi('OfferedMethod');

/** What becomes of an amount that is paid. */
export const pricingSchema = z
  .object({
    amount: amountSchema.describe('what you pay'),
    fee: amountSchema,
    bonus: amountSchema,
    credit: amountSchema.describe('what your balance gains: amount less fee plus bonus'),
  })
  .openapi('DepositQuote');

/** A customer's own payment. */
export const ownPaymentSchema = z
  .object({
    id: z.int(),
    methodId: z.int(),
    methodName: z.string(),
    methodKind: methodKindSchema,
    state: paymentStateSchema,
    currency: z.string(),
    ...pricingSchema.shape,
    refunded: amountSchema.describe('what was given back to you'),
    owed: amountSchema.describe('of that, what your balance still has to give'),
    note: z.string().describe('what you wrote when you said that it is paid'),
    createdAt: momentSchema,
    creditedAt: momentSchema.nullable(),
  })
  .openapi('OwnPayment');

/** A method as customers see it. */
export function offeredMethodView(method: OfferedMethod): z.infer<typeof offeredMethodSchema> {
  const { id, kind, name, feeBasisPoints } = method;
  return {
    ...{ id, kind, name, feeBasisPoints },
    min: formatAmount(method.min),
    max: formatAmount(method.max),
    feeFixed: formatAmount(method.feeFixed),
    bonusTiers: method.bonusTiers.map(({ from, basisPoints }) => ({
      from: formatAmount(from),
      basisPoints,
    })),
  };
}

/** What a payment costs and brings. */
export function pricingView(pricing: Pricing): z.infer<typeof pricingSchema> {
  return {
    amount: formatAmount(pricing.amount),
    fee: formatAmount(pricing.fee),
    bonus: formatAmount(pricing.bonus),
    credit: formatAmount(pricing.credit),
  };
}

/** A payment as its customer sees it: without marks, names at the gateway, and notes of staff. */
export function ownPaymentView(line: PaymentLine): z.infer<typeof ownPaymentSchema> {
  const { methodId, methodName, methodKind, state, currency } = line;
  return {
    ...{ methodId, methodName, methodKind, state, currency },
    ...pricingView(line),
    id: Number(line.id),
    refunded: formatAmount(line.refunded),
    owed: formatAmount(line.owed),
    // Staff write over it when they decide.
    note: state === 'waiting' ? line.note : '',
    createdAt: line.createdAt.toISOString(),
    creditedAt: line.creditedAt?.toISOString() ?? null,
  };
}
