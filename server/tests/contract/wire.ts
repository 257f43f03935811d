import assert from 'node:assert/strict';
import type { CustomerId, OrderId } from '../../src/base/index.ts';
import { type OrderReport, settleOrder } from '../../src/orders/index.ts';
import { staff } from '../factories.ts';
import type { TestPanel } from '../harness.ts';

/** A reply as it came over the wire. */
export type WireReply = {
  status: number;
  contentType: string | null;
  retryAfter: string | null;
  text: string;
};

export type WireRequest = {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: RequestInit['body'];
};

export const link = 'https://example.com/post';

/** Sends a request to the panel just as given; a POST to `/api/v2` by default. */
export async function send(
  panel: Pick<TestPanel, 'url'>,
  request: WireRequest = {},
): Promise<WireReply> {
  const { method = 'POST', path = '/api/v2', headers = {}, body = null } = request;
  const response = await fetch(`${panel.url}${path}`, { method, headers, body });
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    retryAfter: response.headers.get('retry-after'),
    text: await response.text(),
  };
}

/** A form body of these fields. */
export function form(fields: Record<string, string | number>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
  );
}

/** A refusal as the wire has it. */
export function refusal(text: string): string {
  return JSON.stringify({ error: text });
}

/** Places an order over the API and answers its id. */
export async function addOrder(
  panel: TestPanel,
  fields: { key: string; service: number } & Record<string, string | number>,
): Promise<OrderId> {
  const text = await panel.callText({ action: 'add', link, ...fields });
  const match = /^\{"order":([0-9]+)\}$/.exec(text);
  assert(match, text);
  return BigInt(match[1] ?? '') as OrderId; // as the wire has it
}

/** Lets staff report on an order. */
export async function settle(
  panel: TestPanel,
  orderId: OrderId,
  report: Omit<OrderReport, 'orderId'>,
): Promise<void> {
  await settleOrder(panel.app, staff, { orderId, ...report });
}

/** Makes the next order or refill get this id. */
export async function setNextId(
  panel: TestPanel,
  sequence: 'order_ids' | 'refill_ids',
  id: number,
): Promise<void> {
  await panel.owner.sql`select setval(${sequence}::regclass, ${id}, false)`;
}

/** How many orders a customer has, to see that a refused call stored none. */
export async function countOrders(panel: TestPanel, customerId: CustomerId): Promise<number> {
  const rows = await panel.owner.sql<{ count: number }[]>`
    select count(*)::int as count from orders where customer_id = ${customerId}`;
  return rows[0]?.count ?? 0;
}

/** The balance as the API prints it. */
export async function balanceOf(panel: TestPanel, key: string): Promise<string> {
  const text = await panel.callText({ key, action: 'balance' });
  return /^\{"balance":"([^"]+)"/.exec(text)?.[1] ?? text;
}
