import {
  type Amount,
  AppError,
  assert,
  type Batcher,
  type CustomerId,
  type OrderId,
  parseId,
  parseIdNumber,
  type RefillId,
} from '../../base/index.ts';
import { requestCancels } from '../../cancels/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import type { KeyHolder, PriceTerms } from '../../customers/index.ts';
import {
  type OrderReader,
  type OrdersCtx,
  type Placement,
  placeOrder,
} from '../../orders/index.ts';
import { readRefillStatuses, requestRefills } from '../../refills/index.ts';
import type { ActionName } from './definition.ts';
import { type IdList, type Params, readIds } from './params.ts';
import type { PriceList } from './price-list.ts';
import { refusalText } from './refusals.ts';
import {
  balanceReply,
  errorReply,
  type Reply,
  type StatusEntry,
  statusListReply,
  statusReply,
} from './replies.ts';

/** What the seven actions need of the server. */
export type ApiContext = OrdersCtx & {
  placement: Placement;
  orderReader: OrderReader<StatusEntry>;
  balanceReader: Batcher<CustomerId, Amount>;
  renderServices: (catalog: Catalog, terms: PriceTerms) => PriceList;
};

type Call = { ctx: ApiContext; holder: KeyHolder; params: Params };
type Action = (call: Call) => Reply | PriceList | Promise<Reply>;

/** The seven actions by their wire name. */
export const actions: Readonly<Record<ActionName, Action>> = {
  services: ({ ctx, holder }) => ctx.renderServices(ctx.catalog.current(), holder),
  add,
  status,
  refill,
  refill_status: refillStatus,
  cancel,
  balance,
};

async function add({ ctx, holder, params }: Call): Promise<Reply> {
  const id = await placeOrder(ctx, actorOf(holder), { terms: holder, fields: params.fields });
  return `{"order":${id}}`;
}

async function balance({ ctx, holder }: Call): Promise<Reply> {
  const amount = await ctx.balanceReader.submit(holder.customerId);
  return balanceReply(amount, ctx.catalog.current().settings.currency);
}

async function status({ ctx, holder, params }: Call): Promise<Reply> {
  const asked = readIds(params, 'order');
  const numbers = asked.ids.map(orderNumber);
  const isUnique = !asked.isList || isInOrder(numbers);
  const texts = isUnique ? asked.ids : [...new Set(asked.ids)];
  const orderIds = isUnique ? numbers : texts.map(orderNumber);
  const orders = await ctx.orderReader.submit({ customerId: holder.customerId, orderIds });
  if (asked.isList) return statusListReply(texts, orders, incorrectOrderReply);
  const [order] = orders;
  return order === undefined ? incorrectOrderReply : statusReply(order);
}

/** 0 is the id of no order. */
function orderNumber(text: string): number {
  return parseIdNumber(text) ?? 0;
}

/** Whether numbers only rise or only fall, as in nearly all lists, so that none is repeated. */
function isInOrder(numbers: readonly number[]): boolean {
  const [first = 0, second = first] = numbers;
  const step = second - first;
  return numbers.every((number, at) => at === 0 || (number - (numbers[at - 1] ?? 0)) * step > 0);
}

async function refill({ ctx, holder, params }: Call): Promise<Reply> {
  const asked = readIds(params, 'order');
  const outcomes = await eachId(asked, incorrectOrder, (ids) =>
    requestRefills(ctx, actorOf(holder), ids as OrderId[]),
  );
  if (!asked.isList) {
    const [outcome] = outcomes;
    assert(outcome !== undefined, 'one outcome per id');
    if (outcome instanceof AppError) throw outcome;
    return `{"refill":"${outcome.refillId}"}`;
  }
  return rows('order', asked, (index) => {
    const outcome = outcomes[index];
    assert(outcome !== undefined, 'one outcome per id');
    const value = outcome instanceof AppError ? refusalReply(outcome) : String(outcome.refillId);
    return `"refill":${value}`;
  });
}

async function refillStatus({ ctx, holder, params }: Call): Promise<Reply> {
  const asked = readIds(params, 'refill');
  const statuses = await eachId(asked, refillNotFound, async (ids) => {
    const known = await readRefillStatuses(ctx.db, holder.customerId, ids as RefillId[]);
    return ids.map((id) => known.get(id as RefillId) ?? refillNotFound());
  });
  const [first] = statuses;
  assert(first !== undefined, 'one status per id');
  if (!asked.isList) {
    if (first instanceof AppError) throw first;
    return `{"status":"${first}"}`;
  }
  return rows('refill', asked, (index) => {
    const found = statuses[index];
    return found instanceof AppError ? `"status":${refusalReply(found)}` : `"status":"${found}"`;
  });
}

async function cancel({ ctx, holder, params }: Call): Promise<Reply> {
  const asked = readIds(params, 'order');
  const outcomes = await eachId(asked, incorrectOrder, (ids) =>
    requestCancels(ctx, actorOf(holder), ids as OrderId[]),
  );
  return rows('order', asked, (index) => {
    const outcome = outcomes[index];
    return outcome instanceof AppError ? `"cancel":${refusalReply(outcome)}` : '"cancel":1';
  });
}

/** Runs a set-based command on the ids that are numbers, and answers in the order asked. */
async function eachId<T>(
  asked: IdList,
  refusal: () => AppError,
  run: (ids: bigint[]) => Promise<(T | AppError)[]>,
): Promise<(T | AppError)[]> {
  const ids = asked.ids.map(parseId);
  const valid = ids.filter((id) => id !== undefined);
  const results = valid.length === 0 ? [] : await run(valid);
  let next = 0;
  return ids.map((id) => {
    if (id === undefined) return refusal();
    const result = results[next];
    next += 1;
    assert(result !== undefined, 'one result per id');
    return result;
  });
}

/** A list with one object per id as asked: an integer where it is one. */
function rows(name: 'order' | 'refill', asked: IdList, value: (index: number) => string): Buffer {
  const items = asked.ids.map((text, index) => {
    const id = parseId(text);
    return `{"${name}":${id === undefined ? JSON.stringify(text) : id},${value(index)}}`;
  });
  return Buffer.from(`[${items.join(',')}]`);
}

function actorOf(holder: KeyHolder) {
  return { kind: 'customer', customerId: holder.customerId, keyId: holder.keyId } as const;
}

function refusalReply(refusal: AppError): string {
  return errorReply(refusalText(refusal));
}

function incorrectOrder(): AppError {
  return new AppError('incorrect_order', 'unknown, or the order of another customer');
}

const incorrectOrderReply = refusalReply(incorrectOrder());

function refillNotFound(): AppError {
  return new AppError('refill_not_found', 'unknown, or the refill of another customer');
}
