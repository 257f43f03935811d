import assert from 'node:assert/strict';
import { minuteMs, type OrderId } from '../../src/base/index.ts';
import { calibrateProvider, listWaiting, type WaitingOrder } from '../../src/fulfilment/index.ts';
import type { ScriptedFault } from '../../src/sandbox/index.ts';
import { staff } from '../factories.ts';
import type { TestPanel } from '../harness.ts';
import { addsIn, deliveryOf, openUpstream, place, type Upstream } from './upstream.ts';

/** Of the sandbox's service 1, per 1000, in 10⁻⁸. */
const cost = 90_000_000;

/** Upstreams of a panel whose answers get lost. */
export function openLostOrders(panel: TestPanel, key: string) {
  const opened: Upstream[] = [];
  let links = 0;

  /** An upstream of its own with what sends orders to it, each with its own fault. */
  async function open(options: Parameters<typeof openUpstream>[1] = {}) {
    const upstream = await openUpstream(panel, options);
    opened.push(upstream);
    const service = await upstream.sell();
    const order = async (fault?: ScriptedFault) => {
      links += 1;
      const link = `https://example.com/u/${links}`;
      if (fault !== undefined) upstream.sandbox.script({ ...fault, on: { action: 'add', link } });
      return { link, orderId: await place(panel, { key, service, link, quantity: 100 }) };
    };
    /** Places an order and sends it; time goes on, so that orders lie apart. */
    const send = async (fault?: ScriptedFault) => {
      const made = await order(fault);
      await upstream.forward();
      panel.clock.advance(1_000);
      return made;
    };
    return { ...upstream, order, send, adds: (link: string) => addsIn(upstream, link) };
  }

  /** One that may be probed, and whose prices are known. */
  async function openCalibrated(options: Parameters<typeof openUpstream>[1] = {}) {
    const upstream = await open({ firstOrderId: 700, ...options });
    await panel.owner.sql`
      insert into provider_services (provider_id, external_id, position, name, category, type,
        is_type_known, cost, refill, cancel, dripfeed, seen_at)
      values (${upstream.providerId}, '1', 1, 'Plain', 'First', 'Default', true, ${cost}, true,
        true, true, now())`;
    for (let count = 0; count < 6; count += 1) await upstream.send();
    assert.equal(await calibrateProvider(panel.app, staff, await upstream.provider()), '');
    return upstream;
  }

  /** The balance before the next order is known. */
  async function knowBalance(upstream: Upstream): Promise<void> {
    upstream.sandbox.setBalance('500.00');
    await panel.owner.sql`
      update providers set balance = 50000000000, balance_at = ${panel.clock.now()}::timestamptz
      where id = ${upstream.providerId}`;
  }

  async function waitingFor(orderId: OrderId): Promise<WaitingOrder> {
    const found = (await listWaiting(panel.app.db, 100)).find((row) => row.orderId === orderId);
    assert(found, 'the order is in the queue of staff');
    return found;
  }

  return {
    open,
    openCalibrated,
    knowBalance,
    /** Looks until it is handed over to staff. */
    lookUntilGivenUp: (upstream: Upstream) => lookUntilGivenUp(panel, upstream),
    waitingFor,
    stateOf: async (orderId: OrderId) => (await deliveryOf(panel, orderId)).state,
    close: async () => {
      for (const upstream of opened) await upstream.close();
    },
  };
}

async function lookUntilGivenUp(panel: TestPanel, upstream: Upstream): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    await upstream.reconcile();
    panel.clock.advance(30 * minuteMs);
  }
}

export type LostOrders = ReturnType<typeof openLostOrders>;

/** The provider's id of the order that was made there for a link. */
export function externalOf(upstream: Upstream, link: string): string {
  const entries = upstream.sandbox.journal();
  const entry = entries.find((one) => one.kind === 'add' && one.params.link === link);
  assert(entry?.kind === 'add');
  return String(entry.order);
}

/** An order that somebody else places there under our key. */
export function placeForeign(upstream: Upstream, service = '1'): void {
  const link = 'https://example.com/foreign';
  const fields = { action: 'add', service, link, quantity: '100' };
  const { key } = upstream;
  upstream.sandbox.handle(new Map(Object.entries({ ...fields, key })));
}
