import { largestCustomer, listServices } from './list-seed.ts';
import type { Visitors } from './list-visitors.ts';
import { randomOf, randomWhole } from './seed.ts';

/** A kind of call, which is measured by itself. */
export type ListCall = { name: string; call: (visitors: Visitors) => Promise<void> };

/** What customers of a panel with `count` orders read; `postIds` are some posts of order 1. */
export function makeListCalls(count: number, postIds: readonly number[]): ListCall[] {
  const deep = () => `cursor=${randomWhole(1, count)}`;
  const link = (text: string) => `search=${encodeURIComponent(text)}`;
  const star = link(`instagram.com/star${largestCustomer}`);
  const statuses = ['Pending', 'In progress', 'Completed', 'Partial', 'Canceled', 'Expired'];
  const kinds = ['single', 'drip_feed', 'subscription'];
  const largest = (name: string, query: () => string): ListCall => ({
    name,
    call: (visitors) => visitors.largest(`/orders?${query()}`),
  });
  return [
    largest('newest', () => ''),
    largest('deep', deep),
    { name: 'newest, small', call: ({ small }) => small('/orders') },
    { name: 'deep, small', call: ({ small }) => small(`/orders?${deep()}`) },
    { name: 'newest, posts', call: ({ posts }) => posts('/orders') },
    ...statuses.map((status) => largest(status, () => `status=${encodeURIComponent(status)}`)),
    largest('deep, Partial', () => `status=Partial&${deep()}`),
    { name: 'Paused, small', call: ({ small }) => small('/orders?status=Paused') },
    ...kinds.map((kind) => largest(kind, () => `kind=${kind}`)),
    largest('service', () => `service=${randomWhole(1, listServices)}`),
    largest('service and Canceled', () => `service=${randomWhole(1, 20)}&status=Canceled`),
    largest('service and Expired', () => 'service=1&status=Expired'),
    largest('link of many', () => star),
    largest('deep, link of many', () => `${star}&${deep()}`),
    largest('link of none', () => link(`https://example.com/${randomWhole(1, count)}`)),
    { name: 'link of another', call: ({ small }) => small(`/orders?${star}`) },
    largest('number', () => `search=${randomWhole(1, count)}`),
    {
      name: 'posts of one',
      call: ({ posts }) => posts(`/orders?parent=1&cursor=${randomOf(postIds)}`),
    },
    { name: 'refills', call: ({ largest: read }) => read('/refills') },
    { name: 'refills, Rejected', call: ({ largest: read }) => read('/refills?status=Rejected') },
    { name: 'refills, Error', call: ({ largest: read }) => read('/refills?status=Error') },
    { name: 'one order', call: ({ posts }) => posts('/orders/1') },
  ];
}
