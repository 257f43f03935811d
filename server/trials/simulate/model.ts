import { type CustomerId, formatAmount, type OrderId } from '../../src/base/index.ts';
import type { Customer, LostOrder, Model, Order, Service, World } from './world.ts';

/** Something that must never be; `invariant` is what it breaks. */
export class Broken extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.name = 'Broken';
    this.invariant = invariant;
  }
}

type Message = () => string;

/** Fails with a broken invariant unless something holds. */
export function must(holds: boolean, invariant: string, message: Message): asserts holds {
  if (!holds) throw new Broken(invariant, message());
}

/** A price by sums of the world's own: an own one, or the list's discounted and rounded up. */
export function priceOf(customer: Customer, service: Service): bigint {
  const scaled = service.list * (10_000n - customer.discount);
  return customer.own.get(service.id) ?? scaled / 10_000n + (scaled % 10_000n > 0n ? 1n : 0n);
}

/** What an order is found by at its upstream. */
export function targetOf(fields: Readonly<Record<string, string>>): string {
  return fields.link ?? fields.username ?? '';
}

/** Keeps an order that was answered; the same answer again must be about the same order. */
export function keepOrder(model: Model, order: Order): void {
  const known = model.orders.get(order.id);
  if (known === undefined) model.orders.set(order.id, order);
  else {
    const isSame = known.customer === order.customer && known.link === order.link;
    must(isSame, 'I10', () => `order ${order.id} was answered for two requests`);
  }
  model.lost = model.lost.filter((lost) => !isSameRequest(lost, order));
}

function isSameRequest(lost: LostOrder, order: LostOrder): boolean {
  const key = order.request?.request_id;
  return key !== undefined && lost.customer === order.customer && lost.request?.request_id === key;
}

/** An order as it stands in the database. */
export type StoredOrder = {
  id: OrderId;
  customerId: CustomerId;
  serviceId: number;
  kind: 'single' | 'drip_feed' | 'subscription';
  status: string;
  charge: bigint;
  quantity: bigint;
  remains: bigint;
  refunded: bigint;
  requestId: string | null;
  parentId: OrderId | null;
  parentKind: string | null;
  link: string;
  /** Pieces of runs that were stopped before they were created. */
  gone: bigint;
};

/** All orders of a world as they are stored. */
export async function readOrders({ owner }: World): Promise<StoredOrder[]> {
  return owner.sql<StoredOrder[]>`
    select o.id, o.customer_id as "customerId", o.service_id as "serviceId", o.kind, o.status,
      o.charge, o.quantity, o.remains, o.refunded, o.request_id as "requestId",
      o.parent_id as "parentId", p.kind as "parentKind", o.link,
      coalesce(case when d.stopped_at is not null
        then d.quantity_per_run * (d.runs - d.runs_done) end, 0)::bigint as gone
    from orders o
    left join drip_feeds d on d.customer_id = o.customer_id and d.order_id = o.id
    left join orders p on p.customer_id = o.customer_id and p.id = o.parent_id
    order by o.id`;
}

/** Meets orders that nobody was told of: runs, posts, and those whose answer was lost. */
export async function learnOrders(world: World): Promise<void> {
  for (const stored of await readOrders(world)) learnOrder(world.model, stored);
}

/** Fails for an order that nothing explains, or that costs what it should not. */
export function learnOrder(model: Model, stored: StoredOrder): void {
  if (model.orders.has(stored.id)) return;
  const { id, parentId } = stored;
  const customer = model.customers.find((one) => one.id === stored.customerId);
  must(customer !== undefined, 'I12', () => `order ${id} is nobody's`);
  if (parentId === null) {
    const lost = findLost(model, stored);
    must(lost !== undefined, 'I14', () => `order ${id} of ${stored.link} was never asked for`);
    model.lost = model.lost.filter((one) => one !== lost);
    model.orders.set(id, { ...lost, id });
    return;
  }
  const parent = model.orders.get(parentId);
  must(parent?.customer === customer, 'I12', () => `order ${id} is not its parent's customer's`);
  if (stored.parentKind === 'subscription') checkPost(model, customer, stored);
  const { charge, link } = stored;
  model.orders.set(id, { id, customer, charge, link, isParent: false, request: null });
}

function findLost(model: Model, stored: StoredOrder): LostOrder | undefined {
  return model.lost.find(
    (lost) =>
      lost.customer.id === stored.customerId &&
      lost.link === stored.link &&
      (lost.request?.request_id ?? null) === stored.requestId,
  );
}

function checkPost(model: Model, customer: Customer, stored: StoredOrder): void {
  const service = model.services.find((one) => one.id === stored.serviceId);
  if (service === undefined) return;
  const charge = priceOf(customer, service) * stored.quantity;
  must(
    charge === stored.charge,
    'I4',
    () => `post ${stored.id} costs ${stored.charge}, not ${charge}`,
  );
}

/** What a customer has back of an order, by its state alone. */
export function refundOf(stored: StoredOrder): bigint {
  if (stored.kind === 'subscription' || stored.quantity === 0n) return 0n;
  const isRefunded = stored.status === 'Partial' || stored.status === 'Canceled';
  const plain = isRefunded ? stored.remains : 0n;
  const undelivered = stored.kind === 'drip_feed' ? stored.gone : plain;
  return (stored.charge / stored.quantity) * undelivered;
}

/** A balance in words. */
export function inWords(units: bigint): string {
  return formatAmount(units as Parameters<typeof formatAmount>[0]); // any number of units is one
}
