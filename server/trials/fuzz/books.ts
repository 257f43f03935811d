import assert from 'node:assert/strict';
import type { TestPanel } from '../../tests/harness.ts';
import { askedOf, exactCharge, type Offer, type Terms } from './charges.ts';
import type { Caller } from './panel.ts';

/** An order that an answer said was placed. */
export type Placed = {
  order: bigint;
  caller: Caller;
  /** What was asked for, where that is certain. */
  fields: ReadonlyMap<string, string> | undefined;
  /** It may have been placed before, under the same request id. */
  mayRepeat: boolean;
};

type Row = { id: bigint; customerId: number; serviceId: number; charge: bigint; quantity: bigint };

/** Books of the orders, kept beside the panel's own and by other rules. */
export type Books = {
  /** @throws AssertionError for an order that is another's, or not what was asked, or mispriced */
  enter: (placed: readonly Placed[]) => Promise<void>;
  /** @throws AssertionError unless each balance is what the charges and refunds leave */
  check: (callers: readonly Caller[]) => Promise<void>;
  /** Checks all orders of a caller that were not entered one by one, and the balance. */
  checkAll: (caller: Omit<Caller, 'key'>) => Promise<{ orders: number }>;
  figures: () => { orders: number };
};

/** Opens the books of a panel with these offers. */
export function createBooks(panel: TestPanel, offers: readonly Offer[]): Books {
  const byId = new Map(offers.map((offer) => [offer.id, offer]));
  const charges = new Map<number, bigint>();
  const repeatable = new Set<bigint>();
  let orders = 0;

  function assertPriced(row: Row, terms: Terms): Offer {
    const offer = byId.get(row.serviceId);
    assert(offer !== undefined, 'a service that is not on sale');
    const isPackage = offer.type.endsWith('Package');
    const charge = exactCharge(offer, terms, { quantity: row.quantity, isPackage });
    assert.equal(row.charge, charge, `the charge of ${offer.type} at ${offer.rate}`);
    return offer;
  }

  function enterOne({ caller, fields, mayRepeat }: Placed, row: Row | undefined): void {
    assert(row !== undefined, 'an answered order is not there');
    assert.equal(row.customerId, caller.customerId, 'the order of another customer');
    const offer = assertPriced(row, caller.terms);
    if (fields !== undefined) {
      assert.equal(Number(fields.get('service')), offer.id, 'the service');
      const asked = askedOf(offer, fields);
      assert(typeof asked === 'object', `accepted: ${String(asked)}`);
      assert.equal(row.quantity, asked.quantity, 'the quantity that was asked for');
    }
    if (repeatable.has(row.id)) return;
    if (mayRepeat) repeatable.add(row.id);
    orders += 1;
    charges.set(caller.customerId, (charges.get(caller.customerId) ?? 0n) + row.charge);
  }

  return {
    enter: async (placed) => {
      if (placed.length === 0) return;
      const ids = placed.map(({ order }) => String(order));
      const rows = await panel.owner.sql<Row[]>`
        select id, customer_id as "customerId", service_id as "serviceId", charge, quantity
        from orders where id = any(${ids}::int8[])`;
      const byOrder = new Map(rows.map((row) => [row.id, row]));
      for (const one of placed) enterOne(one, byOrder.get(one.order));
    },
    check: async (callers) => {
      await panel.verify();
      for (const caller of callers) {
        await assertBalance(panel, caller, charges.get(caller.customerId) ?? 0n);
      }
    },
    checkAll: async (caller) => {
      const rows = await panel.owner.sql<Row[]>`
        select id, customer_id as "customerId", service_id as "serviceId", charge, quantity
        from orders where customer_id = ${caller.customerId} and parent_id is null`;
      for (const row of rows) assertPriced(row, caller.terms);
      await assertBalance(
        panel,
        caller,
        rows.reduce((sum, { charge }) => sum + charge, 0n),
      );
      return { orders: rows.length };
    },
    figures: () => ({ orders }),
  };
}

async function assertBalance(
  panel: TestPanel,
  { customerId, start }: Omit<Caller, 'key'>,
  spent: bigint,
): Promise<void> {
  const [row] = await panel.owner.sql<{ balance: bigint; refunded: bigint }[]>`
    select balance, (select coalesce(sum(refunded), 0)::int8 from orders
      where customer_id = ${customerId} and parent_id is null) as refunded
    from wallets where customer_id = ${customerId}`;
  assert(row !== undefined);
  assert.equal(row.balance, start - spent + row.refunded, 'the balance');
}
