import type { Order } from '../orders/queries.ts';

/** What a new form begins with: the service, and its fields by name. */
export type Start = { service: number | undefined; values: Record<string, string> };

/** What a link to the form fills in; `again` is the number of an order to repeat. */
export type StartSearch = {
  again?: string | number;
  service?: string | number;
  link?: string;
  quantity?: string | number;
};

/** The form as a link has it. */
export function startFromSearch({ service, link, quantity }: StartSearch): Start {
  return {
    service: service === undefined ? undefined : Number(service),
    values: {
      ...(link !== undefined && { link: String(link) }),
      ...(quantity !== undefined && { quantity: String(quantity) }),
    },
  };
}

/** The form as an earlier order was. When a subscription is to end is not repeated. */
export function startFromOrder(order: Order): Start {
  const { service, link, quantity, parameters, dripFeed, subscription } = order;
  const texts = Object.entries(parameters).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join('\n') : String(value),
  ]);
  const values: Record<string, string> = Object.fromEntries(texts);
  if (subscription !== null) {
    const { min, max, delayMinutes, posts, oldPosts } = subscription;
    values.username = link;
    values.min = String(min);
    values.max = String(max);
    values.delay = String(delayMinutes);
    if (posts !== null) values.posts = String(posts);
    if (oldPosts > 0) values.old_posts = String(oldPosts);
    return { service, values };
  }
  values.link = link;
  if (dripFeed !== null) {
    values.runs = String(dripFeed.runs);
    values.interval = String(dripFeed.intervalMinutes);
    values.quantity = String(dripFeed.quantityPerRun);
  } else {
    // A drip-feed that a provider runs is one order here, with its runs among the parameters.
    values.quantity = String(quantity / Number(values.runs ?? 1));
  }
  return { service, values };
}
