import {
  type Actor,
  type Amount,
  AppError,
  amount,
  type CustomerId,
  type OrderId,
  parseSmallId,
  type ServiceId,
} from '../base/index.ts';
import type { Catalog } from '../catalog/index.ts';
import type { PriceTerms } from '../customers/index.ts';
import { inTransaction } from '../db/index.ts';
import { lockWallets } from '../ledger/index.ts';
import { draftOrder, findRequest, type OrderDraft } from './draft.ts';
import type { Fields } from './fields.ts';
import { type OrdersCtx, type Placement, readActiveLinks } from './place.ts';
import { planPlacement, replayOutcome } from './rules.ts';

/** A line of a mass order is `service | quantity | link`. */
type MassOrder = { terms: PriceTerms; lines: readonly string[] };

/** A line as it would be placed now; `order` is missing where it is no order at all. */
type CheckedLine = {
  order: { serviceId: ServiceId; quantity: bigint; charge: Amount } | null;
  refusal: AppError | null;
};

/** What became of a line; `unknown`: it may be placed, and its request id says so when repeated. */
export type PlacedLine = { orderId: OrderId } | AppError | 'unknown';

/** Lines of one mass order. */
export const massLinesMax = 1_000;

/**
 * Says of each line of a mass order what placing them all now would do, one after the other; and
 * what those cost together that are refused for nothing but funds. Nothing is charged.
 * @throws AppError `too_many_ids` for too many lines
 */
export async function checkMassOrder(
  ctx: OrdersCtx,
  actor: Actor & { kind: 'customer' },
  { terms, lines }: MassOrder,
): Promise<{ lines: CheckedLine[]; total: Amount }> {
  refuseTooMany(lines);
  const { customerId } = actor;
  const drafts = lines.map((text) => {
    return draftLine(ctx, { customerId, terms, text, fields: readLine(text) });
  });
  // These numbers are never stored.
  const entries = drafts.flatMap((draft, index) =>
    draft instanceof AppError ? [] : [{ id: BigInt(index + 1) as OrderId, draft }],
  );
  const { outcomes } = await inTransaction(ctx.db, async (tx) => {
    const wallets = await lockWallets(tx, [customerId]);
    const activeLinks = await readActiveLinks(tx, entries);
    return planPlacement(entries, {
      wallets,
      activeLinks,
      requests: new Map(),
      stored: new Set(),
    });
  });
  const planned = outcomes.values();
  const checked = drafts.map((draft): CheckedLine => {
    if (draft instanceof AppError) return { order: null, refusal: draft };
    const { serviceId, quantity, charge } = draft;
    const { value } = planned.next();
    return {
      order: { serviceId, quantity, charge },
      refusal: value instanceof AppError ? value : null,
    };
  });
  return { lines: checked, total: totalOf(checked) };
}

function totalOf(lines: readonly CheckedLine[]): Amount {
  let total = 0n;
  for (const { order, refusal } of lines) {
    const counts = refusal === null || refusal.code === 'insufficient_funds';
    if (counts) total += order?.charge ?? 0n;
  }
  return amount(total);
}

/**
 * Places the lines of a mass order, each by itself: one that is refused keeps no other from being
 * placed. A line that is sent again under its request id answers the order it made.
 * @throws AppError `too_many_ids` for too many lines
 */
export async function placeMassOrder(
  ctx: OrdersCtx & { placement: Placement },
  actor: Actor & { kind: 'customer' },
  input: { terms: PriceTerms; lines: readonly { text: string; requestId: string }[] },
): Promise<PlacedLine[]> {
  const { terms, lines } = input;
  refuseTooMany(lines);
  const { customerId } = actor;
  const known = await readKnown(
    ctx,
    customerId,
    lines.map(({ requestId }) => requestId),
  );
  const outcomes = lines.map(async ({ text, requestId }) => {
    const fields = new Map([...readLine(text), ['request_id', requestId]]);
    const before = known.get(requestId);
    if (before !== undefined) return replayOutcome(before, { request: findRequest(fields) });
    const draft = draftLine(ctx, { customerId, terms, text, fields });
    return draft instanceof AppError ? draft : ctx.placement.submit(draft);
  });
  const settled = await Promise.allSettled(outcomes);
  return settled.map((outcome): PlacedLine => {
    if (outcome.status === 'fulfilled') {
      const { value } = outcome;
      return value instanceof AppError ? value : { orderId: value };
    }
    if (outcome.reason instanceof AppError) return outcome.reason;
    ctx.log.error({ error: outcome.reason, customerId }, 'a line of a mass order failed');
    return 'unknown';
  });
}

function refuseTooMany(lines: readonly unknown[]): void {
  if (lines.length <= massLinesMax) return;
  const detail = String(massLinesMax);
  throw new AppError('too_many_ids', `at most ${detail} lines at once`, { detail });
}

/** The parameters a line names; a link may have a bar in it. */
function readLine(text: string): Fields {
  const [service = '', quantity = '', ...rest] = text.split('|');
  const given = Object.entries({ service, quantity, link: rest.join('|') });
  return new Map(
    given.map(([name, value]) => [name, value.trim()] as const).filter(([, value]) => value !== ''),
  );
}

/**
 * Refuses what is no line of a mass order, or names a number that no service has. A hidden service
 * is as good as unknown; one that was on sale is refused as any order of it.
 */
function refuseOtherForm(text: string, fields: Fields, catalog: Catalog): void {
  const number = fields.get('service') ?? '';
  const serviceId = parseSmallId(number);
  // What a customer typed is told back only where it is a number.
  const isNumber = /^[0-9]{1,20}$/.test(number);
  if (!text.includes('|') || !isNumber) {
    throw new AppError('incorrect_line', 'a line is service | quantity | link');
  }
  const service =
    serviceId === undefined ? undefined : catalog.services.get(serviceId as ServiceId);
  if (service === undefined || service.hidden) {
    throw new AppError('unknown_service', 'no service has this number', { detail: number });
  }
}

function draftLine(
  ctx: OrdersCtx,
  { text, ...input }: { customerId: CustomerId; terms: PriceTerms; text: string; fields: Fields },
): OrderDraft | AppError {
  const catalog = ctx.catalog.current();
  try {
    refuseOtherForm(text, input.fields, catalog);
    return draftOrder({ ...input, now: ctx.clock.now() }, catalog);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

async function readKnown(
  ctx: OrdersCtx,
  customerId: CustomerId,
  requestIds: readonly string[],
): Promise<Map<string, { id: OrderId; hash: Uint8Array }>> {
  const rows = await ctx.db
    .selectFrom('orders')
    .select(['id', 'request_id as requestId', 'request_hash as hash'])
    .where('customer_id', '=', customerId)
    .where('request_id', 'in', requestIds.length === 0 ? [''] : [...requestIds])
    .execute();
  return new Map(
    rows.flatMap(({ id, requestId, hash }) =>
      requestId === null || hash === null ? [] : [[requestId, { id, hash }]],
    ),
  );
}
