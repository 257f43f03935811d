import { z } from '@hono/zod-openapi';
import { formatAmount } from '../../base/index.ts';
import type { Method, PaymentDetails, PaymentLine, Stray } from '../../payments/index.ts';
import { missingOf } from '../../payments/index.ts';
import { amountSchema, momentSchema } from '../open-api.ts';
import { methodKindSchema, paymentStateSchema } from '../payment-words.ts';

const flags = ['amount_differs', 'paid_twice', 'reference_used', 'refund_failed'] as const;

export const flagSchema = z.enum(flags);

const lineFields = {
  id: z.int(),
  customerId: z.int(),
  customerName: z.string(),
  methodId: z.int(),
  methodName: z.string(),
  methodKind: methodKindSchema,
  state: paymentStateSchema,
  endedBy: z
    .enum(['customer', 'gateway', 'time'])
    .nullable()
    .describe('whether who pays dismissed it, the gateway closed it, or nobody paid in time'),
  currency: z.string(),
  amount: amountSchema.describe('what the customer pays'),
  fee: amountSchema,
  bonus: amountSchema,
  credit: amountSchema.describe('what the wallet gains'),
  refunded: amountSchema.describe('what the gateway gave back'),
  owed: amountSchema.describe('what the customer still has to give back'),
  flag: flagSchema.nullable(),
  externalId: z.string().nullable().describe('its name at the gateway'),
  note: z.string(),
  createdAt: momentSchema,
  creditedAt: momentSchema.nullable(),
};

/** A payment in the list. */
export const paymentSchema = z.object(lineFields).openapi('PaymentRow');

/** A payment with what staff need to judge it. */
export const paymentDetailSchema = z
  .object({
    ...lineFields,
    chargeId: z.string().nullable(),
    taken: amountSchema.describe('of what has to be given back, what the wallet gave'),
    waived: amountSchema.describe('of that, what staff let go'),
    disputes: z.array(
      z.object({
        id: z.string(),
        state: z.enum(['open', 'won', 'lost']),
        amount: amountSchema,
        reportedAt: momentSchema,
      }),
    ),
    events: z.array(
      z.object({
        id: z.string(),
        kind: z.string(),
        actor: z.string(),
        eventId: z.string().nullable(),
        state: z.string().describe('after it'),
        note: z.string(),
        createdAt: momentSchema,
      }),
    ),
  })
  .openapi('PaymentDetail');

/** A report of a payment that nobody knows. */
export const straySchema = z
  .object({
    id: z.string(),
    methodId: z.int(),
    methodName: z.string(),
    eventId: z.string(),
    chargeId: z.string().nullable(),
    kind: z.string(),
    amount: z.string().nullable(),
    currency: z.string().nullable(),
    createdAt: momentSchema,
  })
  .openapi('StrayReport');

const tierSchema = z.object({
  from: amountSchema.describe('the least amount that gets it'),
  basisPoints: z.int().describe('hundredths of a percent'),
});

/** What staff set of a method. */
const fieldsBody = {
  name: z.string().max(200),
  instructions: z.string().max(5_000).describe('for manual; {payment} and {amount} are filled in'),
  instructionsZh: z.string().max(5_000).describe('the same in Chinese'),
  enabled: z.boolean(),
  min: amountSchema,
  max: amountSchema,
  feeBasisPoints: z.int(),
  feeFixed: amountSchema,
  bonusTiers: z.array(tierSchema).max(10),
};
const secretsBody = z
  .record(z.string().max(40), z.string().max(500))
  .describe('by name; written and never read. Empty takes one away')
  .openapi({ example: { secretKey: 'sk_live_…', webhookSecret: 'whsec_…' } });

export const methodBody = z
  .object({ ...fieldsBody, secrets: secretsBody })
  .partial()
  .extend({
    kind: methodKindSchema,
    name: fieldsBody.name,
    min: fieldsBody.min,
    max: fieldsBody.max,
  });
export const methodChangesBody = z.object({ ...fieldsBody, secrets: secretsBody }).partial();

/** A method as staff see it. */
export const methodSchema = z
  .object({
    ...fieldsBody,
    id: z.int(),
    kind: methodKindSchema,
    secrets: z.array(z.string()).describe('which are stored'),
    missing: z.array(z.string()).describe('what it needs before it can be offered'),
    isOffered: z.boolean(),
    webhookUrl: z.string().nullable().describe('what the gateway has to call'),
  })
  .openapi('PaymentMethod');

/** A payment as the list has it. */
export function paymentView(line: PaymentLine): z.infer<typeof paymentSchema> {
  const { customerId, customerName, methodId, methodName, methodKind } = line;
  const { state, endedBy, currency, flag, externalId, note } = line;
  return {
    ...{ customerId, customerName, methodId, methodName, methodKind },
    ...{ state, endedBy, currency, flag, externalId, note },
    id: Number(line.id),
    amount: formatAmount(line.amount),
    fee: formatAmount(line.fee),
    bonus: formatAmount(line.bonus),
    credit: formatAmount(line.credit),
    refunded: formatAmount(line.refunded),
    owed: formatAmount(line.owed),
    createdAt: line.createdAt.toISOString(),
    creditedAt: line.creditedAt?.toISOString() ?? null,
  };
}

/** A payment with everything. */
export function paymentDetailView(payment: PaymentDetails): z.infer<typeof paymentDetailSchema> {
  const { chargeId, taken, waived, disputes, events } = payment;
  return {
    ...paymentView(payment),
    chargeId,
    taken: formatAmount(taken),
    waived: formatAmount(waived),
    disputes: disputes.map(({ id, state, amount, reportedAt }) => ({
      ...{ id, state },
      amount: formatAmount(amount),
      reportedAt: reportedAt.toISOString(),
    })),
    events: events.map(({ id, kind, actor, eventId, after, note, createdAt }) => ({
      ...{ kind, actor, eventId, note },
      id: String(id),
      state: textIn(after, 'state') ?? '',
      createdAt: createdAt.toISOString(),
    })),
  };
}

/** A stray report, with what it says of money. */
export function strayView(stray: Stray): z.infer<typeof straySchema> {
  const { methodId, methodName, eventId, chargeId, report } = stray;
  return {
    ...{ methodId, methodName, eventId, chargeId },
    id: String(stray.id),
    kind: textIn(report, 'kind') ?? '',
    amount: textIn(report, 'amount') ?? null,
    currency: textIn(report, 'currency') ?? null,
    createdAt: stray.createdAt.toISOString(),
  };
}

function textIn(json: unknown, name: string): string | undefined {
  const value: unknown = Reflect.get(Object(json), name);
  return typeof value === 'string' ? value : undefined;
}

const webhookPaths = { manual: null, stripe: 'stripe', webhook: 'gateway' } as const;

/** A method; `origin` is the panel's address as gateways reach it. */
export function methodView(
  method: Omit<Method, 'secretsSealed'>,
  origin: string,
): z.infer<typeof methodSchema> {
  const { id, kind, name, instructions, instructionsZh, enabled, feeBasisPoints, secrets } = method;
  const missing = missingOf(method);
  const path = webhookPaths[kind];
  return {
    ...{ id, kind, name, instructions, instructionsZh, enabled, feeBasisPoints, secrets, missing },
    min: formatAmount(method.min),
    max: formatAmount(method.max),
    feeFixed: formatAmount(method.feeFixed),
    bonusTiers: method.bonusTiers.map(({ from, basisPoints }) => ({
      from: formatAmount(from),
      basisPoints,
    })),
    isOffered: enabled && missing.length === 0,
    webhookUrl: path === null ? null : `${origin}/webhooks/${path}/${id}`,
  };
}
