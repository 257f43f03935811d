import { createRoute, z } from '@hono/zod-openapi';
import { type CustomerId, formatAmount } from '../../base/index.ts';
import {
  findLastBefore,
  readStatement,
  readStatementPages,
  type StatementFilter,
  type StatementLine,
  statementKinds,
} from '../../ledger/index.ts';
import { readAdjustmentReasons } from '../../payments/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import { type CsvCell, csvResponse } from '../csv.ts';
import {
  amountSchema,
  answers,
  createApi,
  momentSchema,
  pageQuery,
  readCursor,
} from '../open-api.ts';

const dayMs = 86_400_000;

const filterQuery = z.object({
  kind: z.enum(statementKinds).optional(),
  from: z.iso.date().optional().describe('the first day, in your time zone'),
  to: z.iso.date().optional().describe('the last day, in your time zone'),
});
type FilterQuery = z.infer<typeof filterQuery>;

const causes = [
  'order',
  'refund',
  'refund_taken_back',
  'deposit',
  'bonus',
  'payment_returned',
  'return_undone',
  'adjustment',
] as const;

const lineSchema = z
  .object({
    number: z.int().describe('counts up from 1'),
    change: amountSchema.describe('what the balance gained, or lost with a minus'),
    balanceAfter: amountSchema,
    cause: z.enum(causes),
    order: z.int().nullable(),
    payment: z.int().nullable(),
    reason: z.string().describe('of an adjustment; empty for everything else'),
    createdAt: momentSchema,
  })
  .openapi('OwnStatementLine');
type Line = z.infer<typeof lineSchema>;

const listRoute = createRoute({
  method: 'get',
  path: '/funds/statement',
  summary: 'All that changed your balance, newest first',
  request: { query: pageQuery.extend(filterQuery.shape) },
  responses: answers(
    z.object({ rows: z.array(lineSchema), next: z.string().nullable() }),
    'A page of it',
  ),
});

const exportRoute = createRoute({
  method: 'get',
  path: '/funds/statement.csv',
  summary: 'Your whole statement, or what a filter leaves of it, as a CSV file',
  request: { query: filterQuery },
  responses: { 200: { description: 'The file', content: { 'text/csv': { schema: z.string() } } } },
});

/** A customer's statement. */
export function statementApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>()
    .openapi(listRoute, async (c) => {
      const { customerId } = c.var.actor;
      const { cursor, limit, ...query } = c.req.valid('query');
      const filter = await readFilter(ctx, customerId, query);
      // The end of the page before is never after the last day.
      const before = cursor === undefined ? filter.before : readCursor(cursor);
      const page = { ...filter, limit, ...(before !== undefined && { before }) };
      const { lines, next } = await readStatement(ctx.db, customerId, page);
      const rows = await viewLines(ctx, customerId, lines);
      return c.json({ rows, next: next === null ? null : String(next) }, 200);
    })
    .openapi(exportRoute, async (c) => {
      const { customerId } = c.var.actor;
      const filter = await readFilter(ctx, customerId, c.req.valid('query'));
      return csvResponse('statement.csv', csvHead, readBatches(ctx, customerId, filter));
    });
}

/** Days become numbers of lines once, so that all pages of a list are of the same lines. */
async function readFilter(
  ctx: CustomerApiContext,
  customerId: CustomerId,
  { kind, from, to }: FilterQuery,
): Promise<StatementFilter> {
  const kindOnly = kind === undefined ? {} : { kind };
  if (from === undefined && to === undefined) return kindOnly;
  const { timeZone } = await ctx.db
    .selectFrom('customers')
    .select('time_zone as timeZone')
    .where('id', '=', customerId)
    .executeTakeFirstOrThrow();
  const lastBefore = (day: string) => findLastBefore(ctx.db, customerId, { day, timeZone });
  const [after, last] = await Promise.all([
    from === undefined ? undefined : lastBefore(from),
    to === undefined ? undefined : lastBefore(dayAfter(to)),
  ]);
  return {
    ...kindOnly,
    ...(after !== undefined && { after }),
    ...(last !== undefined && { before: last + 1n }),
  };
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + dayMs).toISOString();
}

async function viewLines(
  ctx: CustomerApiContext,
  customerId: CustomerId,
  lines: readonly StatementLine[],
): Promise<Line[]> {
  const adjusted = lines.filter((line) => causeOf(line) === 'adjustment');
  const references = adjusted.map(({ reference }) => reference);
  const reasons = await readAdjustmentReasons(ctx.db, customerId, references);
  return lines.map((line) => ({
    number: Number(line.number),
    change: formatAmount(line.change),
    balanceAfter: formatAmount(line.balanceAfter),
    cause: causeOf(line),
    order: line.orderId === null ? null : Number(line.orderId),
    payment: paymentOf(line),
    reason: reasons.get(line.reference) ?? '',
    createdAt: line.createdAt.toISOString(),
  }));
}

/** What a line was for: by its accounts, and whether the wallet gained or lost. */
function causeOf({ debit, credit, reference }: StatementLine): Line['cause'] {
  const account = debit === 'wallet' ? credit : debit;
  const isGain = credit === 'wallet';
  switch (account) {
    case 'sales':
      if (isGain) return 'refund';
      return reference.endsWith(':charge') ? 'order' : 'refund_taken_back';
    case 'deposits':
      return 'deposit';
    case 'bonuses':
      return 'bonus';
    case 'adjustments':
      if (!reference.startsWith('payment:')) return 'adjustment';
      return isGain ? 'return_undone' : 'payment_returned';
    case 'wallet':
      throw new Error('a transfer has two accounts');
  }
}

/** Staff and gateways write `deposits:…` of what was paid elsewhere; `payment:…` is the panel's. */
function paymentOf({ reference }: StatementLine): number | null {
  const [, number] = /^payment:(\d{1,15}):/.exec(reference) ?? [];
  return number === undefined ? null : Number(number);
}

const csvHead = [
  ...['number', 'time', 'cause', 'change', 'balance_after'],
  ...['order', 'payment', 'reason'],
];

async function* readBatches(
  ctx: CustomerApiContext,
  customerId: CustomerId,
  filter: StatementFilter,
): AsyncGenerator<CsvCell[][]> {
  for await (const lines of readStatementPages(ctx.db, customerId, filter)) {
    const views = await viewLines(ctx, customerId, lines);
    yield views.map((line) => [
      ...[line.number, line.createdAt, line.cause, line.change, line.balanceAfter],
      ...[line.order, line.payment, line.reason],
    ]);
  }
}
