import type { Visitor } from '../sign-in/visitor.ts';

/** Who looks at a page. */
type Viewer = 'nobody' | 'customer' | 'operator';

/** A page, as pictures, rules of access and hostile texts are tried on it. */
export type Screen = {
  /** As the app's routes have it; `/admin` before those of the operator. */
  route: string;
  as: Viewer;
  /** What comes after the address. */
  search?: string;
  /** Which of the sample's ids stands for a parameter, where it is not that of its name. */
  params?: Readonly<Record<string, string>>;
  /** Its picture's name, where the route alone would not tell two apart. */
  name?: string;
};

/** Every page of the app, once for each kind of thing that it shows. */
export const screens: readonly Screen[] = [
  { route: '/sign-in', as: 'nobody' },
  { route: '/sign-up', as: 'nobody' },
  { route: '/forgot-password', as: 'nobody' },
  { route: '/reset-password', as: 'nobody' },
  { route: '/price-list', as: 'nobody' },
  { route: '/terms', as: 'nobody' },
  { route: '/', as: 'customer', name: 'new-order' },
  { route: '/mass-order', as: 'customer' },
  { route: '/services', as: 'customer' },
  { route: '/orders', as: 'customer' },
  { route: '/orders/$orderId', as: 'customer', name: 'order' },
  {
    route: '/orders/$orderId',
    as: 'customer',
    name: 'drip-feed',
    params: { orderId: 'dripFeedId' },
  },
  { route: '/refills', as: 'customer' },
  { route: '/funds', as: 'customer' },
  { route: '/api-access', as: 'customer' },
  { route: '/account', as: 'customer' },
  { route: '/admin', as: 'operator', name: 'admin-dashboard' },
  { route: '/admin/orders', as: 'operator' },
  { route: '/admin/orders/$orderId', as: 'operator', name: 'admin-order' },
  {
    route: '/admin/orders/$orderId',
    as: 'operator',
    name: 'admin-order-unknown',
    params: { orderId: 'unknownId' },
  },
  { route: '/admin/queues', as: 'operator' },
  { route: '/admin/customers', as: 'operator' },
  { route: '/admin/customers/$customerId', as: 'operator', name: 'admin-customer' },
  { route: '/admin/payments', as: 'operator' },
  { route: '/admin/services', as: 'operator' },
  { route: '/admin/services/new', as: 'operator' },
  { route: '/admin/services/import', as: 'operator' },
  { route: '/admin/services/$serviceId', as: 'operator', name: 'admin-service' },
  { route: '/admin/staff', as: 'operator' },
  { route: '/admin/settings', as: 'operator' },
  { route: '/admin/audit', as: 'operator' },
  { route: '/admin/system', as: 'operator' },
  { route: '/admin/providers', as: 'operator' },
  { route: '/admin/providers/new', as: 'operator' },
  { route: '/admin/providers/$providerId', as: 'operator', name: 'admin-provider' },
  {
    route: '/admin/providers/$providerId',
    as: 'operator',
    name: 'admin-provider-catalog',
    search: '?tab=catalog',
  },
  {
    route: '/admin/providers/$providerId',
    as: 'operator',
    name: 'admin-provider-settings',
    search: '?tab=settings',
  },
  { route: '/admin/account', as: 'operator' },
];

/** The name of a screen's picture. */
export function nameOf({ route, name }: Screen): string {
  return name ?? route.slice(1).replaceAll('/', '-').replaceAll('$', '');
}

/** Where a screen is, with the ids of the sample. @throws Error for one that the sample lacks */
export function pathOf(screen: Screen, ids: Readonly<Record<string, string>>): string {
  const path = screen.route.replace(/\$(\w+)/g, (_, param: string) => {
    const id = ids[screen.params?.[param] ?? param];
    if (id === undefined) throw new Error(`${screen.route}: the sample has no ${param}`);
    return id;
  });
  return `${path}${screen.search ?? ''}`;
}

/** The screens of each visitor: one browser shows them all, and fetches the app once. */
export function byVisitor(): { as: Screen['as']; screens: Screen[] }[] {
  const visitors = ['nobody', 'customer', 'operator'] as const;
  return visitors.map((as) => ({ as, screens: screens.filter((screen) => screen.as === as) }));
}

/** The cookies that a screen needs. */
export function visitorOf(
  { as }: Pick<Screen, 'as'>,
  visitors: { customer: Visitor; operator: Visitor },
): { as?: Visitor } {
  return as === 'nobody' ? {} : { as: visitors[as] };
}
