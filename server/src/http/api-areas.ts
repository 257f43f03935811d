import type { createApi } from './open-api.ts';

/** A part of an API as its reference shows it: a tag, and the first words of its paths. */
export type ApiArea = { name: string; description: string; paths: readonly string[] };

type ApiDocument = ReturnType<ReturnType<typeof createApi>['getOpenAPI31Document']>;

/** The areas of each API, in the order in which a reader needs them. */
export const apiAreas = {
  account: [
    {
      name: 'Sign-in',
      description: 'Who you are, and where you are signed in.',
      paths: ['sessions', 'confirm', 'stop-acting'],
    },
  ],
  customer: [
    {
      name: 'Panel',
      description: 'The panel and who is signed in. Open to everybody.',
      paths: ['session', 'terms', 'price-list'],
    },
    {
      name: 'Services',
      description: 'What can be ordered, at your prices.',
      paths: ['services', 'favourites'],
    },
    {
      name: 'Orders',
      description: 'Placing orders, following them, asking for refills and cancellations.',
      paths: ['orders', 'orders.csv', 'mass-orders', 'refills'],
    },
    {
      name: 'Funds',
      description: 'Balance, payments and statement.',
      paths: ['funds'],
    },
    {
      name: 'API keys',
      description: 'Keys of the panel API, and the calls made with them.',
      paths: ['keys', 'calls'],
    },
    { name: 'Profile', description: 'Language, time zone and notices.', paths: ['profile'] },
  ],
  admin: [
    {
      name: 'Dashboard',
      description: 'Figures by day, and what waits.',
      paths: ['dashboard', 'menu'],
    },
    {
      name: 'Orders',
      description: 'Orders of all customers, their deliveries, refills and cancellations.',
      paths: ['orders', 'refills'],
    },
    { name: 'Queues', description: 'What waits for a decision.', paths: ['queues'] },
    {
      name: 'Services',
      description: 'The catalog: services, prices, routes and their changes.',
      paths: ['services', 'categories'],
    },
    { name: 'Providers', description: 'Upstream panels and imports.', paths: ['providers'] },
    {
      name: 'Customers',
      description: 'Customers, their balances, prices, keys and logins.',
      paths: ['customers'],
    },
    {
      name: 'Payments',
      description: 'Deposits, and the methods that customers pay by.',
      paths: ['payments', 'payment-methods', 'payment-strays'],
    },
    { name: 'Staff', description: 'Members of staff and what they may do.', paths: ['staff'] },
    { name: 'Settings', description: "The panel's own settings.", paths: ['settings'] },
    { name: 'Audit log', description: 'Who changed what.', paths: ['audit'] },
    { name: 'System', description: 'Versions, tasks, mails and checks.', paths: ['system'] },
  ],
} as const satisfies Record<string, readonly ApiArea[]>;

/** Puts each operation of a description under the area that its path begins with. */
export function groupByArea(document: ApiDocument, areas: readonly ApiArea[]): ApiDocument {
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    const [, first = ''] = path.split('/');
    const area = areas.find(({ paths }) => paths.includes(first));
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const operation = operations[method];
      if (operation !== undefined && area !== undefined) operation.tags = [area.name];
    }
  }
  const tags = areas.map(({ name, description }) => ({ name, description }));
  return { ...document, tags };
}
