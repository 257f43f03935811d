import { z } from '@hono/zod-openapi';
import { type CustomerId, formatAmount, formatRate } from '../../base/index.ts';
import {
  type CustomerDetail,
  type CustomerRow,
  type KeySummary,
  type MoneyStop,
  notificationKinds,
} from '../../customers/index.ts';
import type { CustomerActivity } from '../../figures/index.ts';
import type { StatementLine } from '../../ledger/index.ts';
import type { CustomerLogin } from '../../sign-in/index.ts';
import { amountSchema, momentSchema, smallIdSchema } from '../open-api.ts';

/** Which customer, in a path. */
export const customerParams = z.object({ customerId: smallIdSchema });

/** The customer of a path, if there is one. */
export function customerOf(param: z.infer<typeof customerParams>): CustomerId {
  return param.customerId as CustomerId;
}

export const customerStatusSchema = z.enum(['active', 'suspended']);
export const languageSchema = z.enum(['en', 'zh-CN']);

const rowFields = {
  id: z.int(),
  name: z.string(),
  email: z.string().nullable().describe('null: nobody signs in, their keys alone order'),
  status: customerStatusSchema,
  balance: amountSchema,
  creditLimit: amountSchema,
  discountBasisPoints: z.int().describe('hundredths of a percent'),
  createdAt: momentSchema,
};

/** A customer in the list. */
export const customerRowSchema = z.object(rowFields).openapi('CustomerRow');

/** A key, without the key itself. */
const keySchema = z.object({
  id: z.int(),
  name: z.string(),
  prefix: z.string(),
  allowedAddresses: z.array(z.string()),
  createdAt: momentSchema,
  revokedAt: momentSchema.nullable(),
  lastUsedAt: momentSchema.nullable(),
});

/** A customer with all that is set for them, and what they have under way. */
export const customerDetailSchema = z
  .object({
    ...rowFields,
    suspendedBy: z.enum(['staff', 'dispute']).nullable(),
    suspensionNote: z.string(),
    moneyStop: z
      .object({
        stoppedAt: momentSchema,
        findings: z.array(z.object({ check: z.string(), subject: z.string(), detail: z.string() })),
      })
      .nullable()
      .describe('since when no money of theirs moves, and what was found broken'),
    callsPerSecondMax: z.int().nullable().describe("null: the panel's default"),
    callsPerSecondDefault: z.int().nullable().describe('null: no limit'),
    language: languageSchema,
    timeZone: z.string(),
    notifications: z.array(z.enum(notificationKinds)),
    transfers: z.int(),
    login: z
      .object({
        email: z.string(),
        isEmailConfirmed: z.boolean(),
        hasTwoFactor: z.boolean(),
        hasPassword: z.boolean().describe('false: invited, and has not set one yet'),
        sessions: z.int(),
        lastSignInAt: momentSchema.nullable(),
      })
      .nullable(),
    activity: z.object({
      running: z.int().describe('orders; at most 10000 are counted'),
      openRefills: z.int(),
      openCancels: z.int(),
      lastOrderAt: momentSchema.nullable(),
    }),
    prices: z.array(
      z.object({
        serviceId: z.int(),
        service: z.string(),
        rate: amountSchema,
        listRate: amountSchema.nullable(),
      }),
    ),
    keys: z.array(keySchema),
  })
  .openapi('CustomerDetail');

/** One transfer of a wallet. */
export const lineSchema = z
  .object({
    number: z.int(),
    account: z.enum(['deposits', 'sales', 'bonuses', 'adjustments']),
    change: amountSchema.describe('what the wallet gained, or lost with a minus'),
    balanceAfter: amountSchema,
    reference: z.string(),
    orderId: z.int().nullable(),
    createdAt: momentSchema,
  })
  .openapi('StatementLine');

/** A customer as the list has them. */
export function rowView(row: CustomerRow): z.infer<typeof customerRowSchema> {
  const { id, name, email, status, discountBasisPoints } = row;
  return {
    ...{ id, name, email, status, discountBasisPoints },
    balance: formatAmount(row.balance),
    creditLimit: formatAmount(row.creditLimit),
    createdAt: row.createdAt.toISOString(),
  };
}

type Known = {
  customer: CustomerDetail;
  moneyStop: MoneyStop | null;
  activity: CustomerActivity;
  login: CustomerLogin | undefined;
  callsPerSecondDefault: number | null;
  listRateOf: (serviceId: number) => string | null;
};

/** A customer with everything. */
export function detailView(known: Known): z.infer<typeof customerDetailSchema> {
  const { customer, activity, login, callsPerSecondDefault, listRateOf } = known;
  const { suspendedBy, suspensionNote, callsPerSecondMax, language, timeZone } = customer;
  // The column's check admits these kinds only.
  const notifications = customer.notifications as (typeof notificationKinds)[number][];
  return {
    ...rowView(customer),
    ...{ suspendedBy, suspensionNote, callsPerSecondMax, callsPerSecondDefault },
    ...{ language, timeZone, notifications },
    moneyStop: known.moneyStop && {
      stoppedAt: known.moneyStop.stoppedAt.toISOString(),
      findings: known.moneyStop.findings.map(({ check, subject, detail }) => ({
        ...{ check, subject, detail },
      })),
    },
    transfers: Number(customer.transfers),
    login:
      login === undefined
        ? null
        : { ...login, lastSignInAt: login.lastSignInAt?.toISOString() ?? null },
    activity: { ...activity, lastOrderAt: activity.lastOrderAt?.toISOString() ?? null },
    prices: customer.prices.map(({ serviceId, service, rate }) => ({
      ...{ serviceId, service },
      rate: formatRate(rate),
      listRate: listRateOf(serviceId),
    })),
    keys: customer.keys.map(keyView),
  };
}

function keyView({ createdAt, revokedAt, lastUsedAt, ...key }: KeySummary) {
  return {
    ...key,
    createdAt: createdAt.toISOString(),
    revokedAt: revokedAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

/** A line of a statement. The wallet is one of its two accounts; the other says what it was for. */
export function lineView(line: StatementLine): z.infer<typeof lineSchema> {
  const account = line.debit === 'wallet' ? line.credit : line.debit;
  if (account === 'wallet') throw new Error('a transfer has two accounts');
  return {
    number: Number(line.number),
    account,
    change: formatAmount(line.change),
    balanceAfter: formatAmount(line.balanceAfter),
    reference: line.reference,
    orderId: line.orderId === null ? null : Number(line.orderId),
    createdAt: line.createdAt.toISOString(),
  };
}
