import assert from 'node:assert/strict';
import type { StaffArea } from '../../src/base/index.ts';
import type { Route } from './routes.ts';

// Who may do what, said once more and independently of the code. A route that stands nowhere here
// is refused to everybody by the test, so that a new one needs its line.

/** Routes that nobody needs to be signed in for. */
export const openRoutes = [
  'GET /api/customer/session',
  'GET /api/customer/terms',
  'GET /api/customer/price-list',
];

/** What a suspended customer may not do any more; the rest is looking, and their own account. */
export const closedToSuspended = [
  'POST /api/customer/orders',
  'POST /api/customer/mass-orders/check',
  'POST /api/customer/mass-orders',
  'POST /api/customer/orders/refill',
  'POST /api/customer/orders/cancel',
  'PUT /api/customer/orders/{orderId}/paused',
  'POST /api/customer/funds/payments',
  'POST /api/customer/funds/payments/{paymentId}/resume',
];

/** Routes for every member of staff. */
export const anyStaff = ['GET /api/admin/menu'];

/** The area of staff that each route below a first word of its path belongs to. */
const areasByWord: Readonly<Record<string, StaffArea>> = {
  audit: 'audit',
  categories: 'services',
  customers: 'customers',
  dashboard: 'payments',
  orders: 'orders',
  'payment-methods': 'settings',
  'payment-strays': 'payments',
  payments: 'payments',
  providers: 'providers',
  queues: 'orders',
  refills: 'orders',
  services: 'services',
  settings: 'settings',
  staff: 'staff',
  system: 'system',
};

/** Those that differ from what their first word says; of two areas one is enough. */
const exceptions: Readonly<Record<string, readonly StaffArea[]>> = {
  'GET /api/admin/providers/{providerId}/catalog/categories': ['services'],
  'GET /api/admin/providers/{providerId}/catalog/services': ['services'],
  'POST /api/admin/providers/{providerId}/import/preview': ['services'],
  'POST /api/admin/providers/{providerId}/import': ['services'],
  'POST /api/admin/providers/{providerId}/sync': ['services'],
  'POST /api/admin/customers/{customerId}/adjustments': ['payments'],
  'POST /api/admin/customers/{customerId}/funds': ['payments'],
  'POST /api/admin/customers/{customerId}/lift-stop': ['payments'],
  'GET /api/admin/payment-methods': ['payments', 'settings'],
};

/** The areas of which one is enough for a route of the admin API. */
export function areasFor(name: string): readonly StaffArea[] {
  const area = areasByWord[name.split('/')[3] ?? ''];
  const found = exceptions[name] ?? (area === undefined ? undefined : [area]);
  assert(found !== undefined, `nobody has said who may ${name}: add it to access.ts`);
  return found;
}

/** What moves money or hands somebody a login: a sign-in of long ago is not enough. */
export const freshRoutes = [
  'POST /api/admin/orders/bulk',
  'POST /api/admin/orders/{orderId}/settle',
  'POST /api/admin/orders/{orderId}/decide',
  'POST /api/admin/orders/{orderId}/stop',
  'POST /api/admin/orders/{orderId}/cancel',
  'POST /api/admin/orders/{orderId}/cancel/decide',
  'POST /api/admin/customers/{customerId}/login',
  'POST /api/admin/customers/{customerId}/password-link',
  'POST /api/admin/customers/{customerId}/act-as',
  'POST /api/admin/customers/{customerId}/lift-stop',
  'POST /api/admin/customers/{customerId}/keys',
  'POST /api/admin/customers/{customerId}/keys/{keyId}/rotate',
  'POST /api/admin/customers/{customerId}/adjustments',
  'POST /api/admin/customers/{customerId}/funds',
  'POST /api/admin/payments/{paymentId}/confirm',
  'POST /api/admin/payments/{paymentId}/waive',
  'POST /api/admin/payment-methods',
  'PATCH /api/admin/payment-methods/{methodId}',
  'POST /api/admin/staff',
  'PATCH /api/admin/staff/{staffId}',
  'POST /api/admin/staff/{staffId}/login',
  'POST /api/admin/staff/{staffId}/password-link',
  'DELETE /api/admin/staff/{staffId}/second-factors',
];

/** Fields of the customer's and account APIs that name something of one customer. */
const owned = ['orderId', 'paymentId', 'keyId', 'id', 'parent', 'orders'];
/** Fields of these that name nothing, or what everybody may name. */
const plain = [
  ...['serviceId', 'isFavourite', 'service', 'fields', 'requestId', 'lines', 'text', 'isPaused'],
  ...['link', 'quantity', 'runs', 'interval', 'comments', 'usernames', 'hashtags', 'keywords'],
  ...['groups', 'hashtag', 'media', 'answer_number', 'username', 'min', 'max', 'posts', 'delay'],
  ...['expiry', 'old_posts', 'country', 'device', 'type_of_traffic', 'google_keyword'],
  ...['referring_url', 'cursor', 'limit', 'status', 'kind', 'search', 'method', 'amount', 'open'],
  ...['from', 'to', 'note', 'name', 'allowedAddresses', 'language', 'timeZone', 'notifications'],
  ...['password', 'code'],
];

/** The fields of a route that name something of one customer. */
export function ownedFields(route: Route): string[] {
  const names = [...route.pathNames, ...route.queryNames, ...route.bodyNames];
  const unknown = names.filter((name) => !owned.includes(name) && !plain.includes(name));
  assert.deepEqual(unknown, [], `${route.path}: say in access.ts whose these are`);
  return names.filter((name) => owned.includes(name));
}
