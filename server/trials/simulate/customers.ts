import { AppError, type OrderId, parseAmount } from '../../src/base/index.ts';
import { readPriceTerms } from '../../src/customers/index.ts';
import { readBalances } from '../../src/ledger/index.ts';
import { placeOrder, setPaused } from '../../src/orders/index.ts';
import { addFunds, adjustBalance } from '../../src/payments/index.ts';
import { inWords, keepOrder, must, priceOf, targetOf } from './model.ts';
import { isWithin, type Operation, pick, scale } from './operations.ts';
import {
  type Customer,
  type LostOrder,
  type Order,
  type Service,
  secretsOf,
  staff,
  type World,
} from './world.ts';

type Form = Readonly<Record<string, string>>;

/** A customer's call of the API: its reply, in which nothing of upstreams may stand. */
export async function call(world: World, customer: Customer, fields: Form): Promise<unknown> {
  const { status, text } = await world.api.call({ key: customer.key, ...fields });
  const leak = secretsOf(world).find((secret) => text.includes(secret));
  must(leak === undefined, 'I12', () => `a reply to ${fields.action} holds ${leak}`);
  const isBroken = status === 500 || status === 503;
  must(!isBroken || world.faults.isCut(), 'unexpected', () => `${fields.action}: ${text}`);
  return isBroken ? { lost: true } : JSON.parse(text);
}

/** What a reply holds under a name, as text; empty if there is none. */
function textOf(reply: unknown, name: string): string {
  const value: unknown = Reflect.get(Object(reply), name);
  return value === undefined ? '' : String(value);
}

/** Places an order over the API. */
export async function place(world: World, operation: Operation): Promise<string> {
  const customer = pick(world.model.customers, operation.a);
  const service = pick(world.model.services, operation.b);
  if (customer === undefined || service === undefined) return 'nobody';
  const fields = requestFor(service, operation);
  const isNamed = isWithin(operation.d, 60);
  const request = isNamed ? { ...fields, request_id: `r${operation.at}` } : fields;
  const asked = { customer, service, request, isNamed };
  const reply = await call(world, customer, { action: 'add', ...request });
  return judge(world, asked, reply);
}

type Asked = { customer: Customer; service: Service; request: Form; isNamed: boolean };

async function judge(world: World, asked: Asked, reply: unknown): Promise<string> {
  const { customer, service, request, isNamed } = asked;
  const order: LostOrder = {
    customer,
    charge: chargeOf(customer, service, request),
    link: targetOf(request),
    isParent: 'runs' in request || service.type === 'Subscriptions',
    request: isNamed ? request : null,
  };
  if (textOf(reply, 'lost') !== '') {
    world.model.lost.push(order);
    return 'lost';
  }
  const error = textOf(reply, 'error');
  const expected = expectedRefusal(customer, service, request);
  if (error !== '') {
    if (error === 'Not enough funds on balance') await mustLackFunds(world, order);
    else if (!error.startsWith('You have active order')) {
      must(error === expected, 'I4', () => `refused "${error}", not "${expected}"`);
    } else must(service.deniesDuplicates, 'I4', () => 'refused a second order on a link');
    return error;
  }
  must(expected === '', 'I4', () => `taken, not refused "${expected}"`);
  keepOrder(world.model, { ...order, id: BigInt(textOf(reply, 'order')) as OrderId });
  return 'placed';
}

async function mustLackFunds({ app }: World, { customer, charge }: LostOrder): Promise<void> {
  const balances = await readBalances(app.db, [customer.id]);
  const { credit_limit: limit } = await app.db
    .selectFrom('wallets')
    .select('credit_limit')
    .where('customer_id', '=', customer.id)
    .executeTakeFirstOrThrow();
  const left = (balances.get(customer.id) ?? 0n) + limit - charge;
  must(left < 0n, 'I3', () => `refused for want of funds with ${left} to spare`);
}

function chargeOf(customer: Customer, service: Service, request: Form): bigint {
  const price = priceOf(customer, service);
  if (service.type === 'Subscriptions') return 0n;
  if (service.type === 'Package') return price * 1000n;
  return price * BigInt((piecesOf(request) ?? 0) * Number(request.runs ?? 1));
}

/** The quantity of one run: where comments are ordered, their lines. */
function piecesOf({ quantity, comments }: Form): number | undefined {
  if (comments !== undefined) return comments.split('\n').length;
  return quantity === undefined ? undefined : Number(quantity);
}

function expectedRefusal(customer: Customer, service: Service, request: Form): string {
  if (customer.isSuspended) return 'Your account has been suspended.';
  if (!service.isEnabled) return 'Incorrect service ID';
  const asked = piecesOf(request) ?? service.min;
  if (asked > service.max) return `Quantity more than maximum ${service.max}`;
  return asked < service.min ? `Quantity less than minimal ${service.min}` : '';
}

const piecesMax = 400;

/** What is sent to order a service, besides key, action and request id. */
function requestFor(service: Service, { at, c, d }: Operation): Form {
  const link = service.deniesDuplicates
    ? `https://example.com/shared/${scale(c, 3)}`
    : `https://example.com/${at}`;
  const wanted = service.min + scale(c, Math.min(service.max - service.min + 1, piecesMax));
  const quantity = String(isWithin(c, 3) ? service.max + 1 : wanted);
  const base = { service: String(service.id), link };
  switch (service.type) {
    case 'Package':
      return base;
    case 'Custom Comments':
      return { ...base, comments: linesOf(1 + scale(c, 8)) };
    case 'Comment Replies':
      return { ...base, username: 'anna', comments: linesOf(1 + scale(c, 8)) };
    case 'Mentions with Hashtags':
      return { ...base, quantity, usernames: 'anna\nbob', hashtags: '#x' };
    case 'Poll':
      return { ...base, quantity, answer_number: '2' };
    case 'Web Traffic':
      return { ...base, quantity, country: 'US', device: '5', type_of_traffic: '3' };
    case 'Subscriptions': {
      // One quantity, as a random one between the two would be another in each run.
      const bounds = { min: String(service.min), max: String(service.min), delay: '0' };
      const posts: Form = isWithin(d, 50) ? { posts: String(1 + scale(c, 4)) } : {};
      return { service: String(service.id), username: `user-${at}`, ...bounds, ...posts };
    }
    default: {
      if (!service.hasRuns || isWithin(d, 30)) return { ...base, quantity };
      const interval = String(1 + scale(d, 120));
      return { ...base, quantity, runs: String(2 + scale(c, 4)), interval };
    }
  }
}

function linesOf(count: number): string {
  return Array.from({ length: count }, (_, at) => `line ${at}`).join('\n');
}

/** Several orders of one customer in one moment. */
export async function placeMany(world: World, operation: Operation): Promise<string> {
  const { app, model } = world;
  const customer = pick(model.customers, operation.a);
  const service = pick(model.services, operation.b);
  if (customer === undefined || service === undefined) return 'nobody';
  const terms = await readPriceTerms(app.db, customer.id);
  const actor = { kind: 'customer', customerId: customer.id, keyId: null } as const;
  const asked = Array.from({ length: 2 + scale(operation.d, 10) }, (_, at): Asked => {
    const request: Form = requestFor(service, operation);
    const link: Form = request.link === undefined ? {} : { link: `${request.link}/${at}` };
    return { customer, service, request: { ...request, ...link }, isNamed: false };
  });
  const answers = await Promise.allSettled(
    asked.map(({ request }) =>
      placeOrder(app, actor, { terms, fields: new Map(Object.entries(request)) }),
    ),
  );
  const outcomes: string[] = [];
  for (const [at, one] of asked.entries()) {
    const answer = answers[at];
    if (answer === undefined) continue;
    if (answer.status === 'fulfilled') {
      // Commands don't look at whether a customer is suspended: keys do.
      const taken = { ...one, customer: { ...customer, isSuspended: false } };
      must(expectedRefusal(taken.customer, service, one.request) === '', 'I4', () => 'taken');
      outcomes.push(await judgePlaced(world, one, answer.value));
    } else if (answer.reason instanceof AppError) outcomes.push(answer.reason.code);
    else {
      must(world.faults.isCut(), 'unexpected', () => String(answer.reason));
      outcomes.push(await judge(world, one, { lost: true }));
    }
  }
  return outcomes.join(' ');
}

async function judgePlaced(world: World, asked: Asked, id: OrderId): Promise<string> {
  const { customer, service, request } = asked;
  keepOrder(world.model, {
    ...{ id, customer, request: null, link: targetOf(request) },
    charge: chargeOf(customer, service, request),
    isParent: 'runs' in request || service.type === 'Subscriptions',
  });
  return 'placed';
}

/** Sends a request again under its id: the same order, or a refusal for other parameters. */
export async function repeat(world: World, operation: Operation): Promise<string> {
  const { model } = world;
  const named: (LostOrder | Order)[] = [...model.lost, ...recent(world)].filter(
    (order) => order.request !== null,
  );
  const order = pick(named, operation.a);
  if (order === undefined || order.request === null) return 'nothing';
  const { customer } = order;
  const service = model.services.find((one) => String(one.id) === order.request?.service);
  if (!('id' in order)) {
    // It never arrived: what was lost and is there was met right after.
    if (service === undefined) return 'nothing';
    const asked = { customer, service, request: order.request, isNamed: true };
    const answer = await call(world, customer, { action: 'add', ...order.request });
    return `again ${await judge(world, asked, answer)}`;
  }
  const isChanged = isWithin(operation.b, 20);
  const request = isChanged ? { ...order.request, link: 'https://example.com/x' } : order.request;
  const reply = await call(world, customer, { action: 'add', ...request });
  if (textOf(reply, 'lost') !== '') return 'lost';
  const right = isChanged ? 'request_id was used with other parameters' : String(order.id);
  const expected = customer.isSuspended ? 'Your account has been suspended.' : right;
  const answer = textOf(reply, 'order') || textOf(reply, 'error');
  must(answer === expected, 'I10', () => `a repeated request answers ${answer}, not ${expected}`);
  return 'repeated';
}

/** The newest orders, of which most is heard. */
export function recent({ model }: World): Order[] {
  return [...model.orders.values()].slice(-80);
}

/** Asks for the status of orders, own and foreign ones. */
export async function status(world: World, operation: Operation): Promise<string> {
  const customer = pick(world.model.customers, operation.a);
  const orders = recent(world);
  const first = scale(operation.b, orders.length);
  const asked = orders.slice(first, first + 1 + scale(operation.c, 8));
  if (customer === undefined || asked.length === 0) return 'nothing';
  const ids = asked.map(({ id }) => String(id)).join(',');
  const reply = await call(world, customer, { action: 'status', orders: ids });
  if (customer.isSuspended || textOf(reply, 'lost') !== '') return textOf(reply, 'error');
  return asked
    .map((order) => {
      const row: unknown = Reflect.get(Object(reply), String(order.id));
      const error = textOf(row, 'error');
      if (order.customer !== customer) {
        must(error === 'Incorrect order ID', 'I12', () => `sees foreign order ${order.id}`);
        return 'foreign';
      }
      must(error === '', 'I13', () => `order ${order.id} is gone: ${error}`);
      checkShownCharge(order, row);
      return `${textOf(row, 'status')} ${textOf(row, 'remains')}`;
    })
    .join(', ');
}

/** What was given back is taken off; all else costs what it was ordered for. */
function checkShownCharge({ id, charge, isParent }: Order, row: unknown): void {
  const isRefunded = isParent || /Partial|Canceled/.test(textOf(row, 'status'));
  const right = inWords(charge);
  const shown = textOf(row, 'charge');
  must(isRefunded || shown === right, 'I4', () => `order ${id} costs ${shown}, not ${right}`);
}

/** Asks for what is not about an order. An old key must be refused. */
export async function ask(world: World, operation: Operation): Promise<string> {
  const customer = pick(world.model.customers, operation.a);
  if (customer === undefined) return 'nobody';
  const old = pick(customer.oldKeys, operation.c);
  const key = old ?? customer.key;
  const action = pick(['balance', 'services', 'refill_status'], operation.b) ?? 'balance';
  const about: Form =
    action === 'refill_status' ? { refill: String(1 + scale(operation.d, 50)) } : {};
  const reply = await call(world, { ...customer, key }, { action, ...about });
  const error = textOf(reply, 'error');
  if (old !== undefined && textOf(reply, 'lost') === '') {
    must(/Invalid API key|Rate limit/.test(error), 'I16', () => `an old key answers ${error}`);
  }
  return `${action} ${error || textOf(reply, 'status') || textOf(reply, 'balance')}`;
}

/** Asks for refills or cancellations of an order, mostly an own one. */
export async function askFor(
  world: World,
  operation: Operation,
  action: 'refill' | 'cancel',
): Promise<string> {
  // Refills are for orders that were completed a day ago.
  const orders = action === 'refill' ? [...world.model.orders.values()] : recent(world);
  const order = pick(orders, operation.a);
  const stranger = pick(world.model.customers, operation.b);
  if (order === undefined || stranger === undefined) return 'nothing';
  const customer = isWithin(operation.c, 85) ? order.customer : stranger;
  const reply = await call(world, customer, { action, orders: String(order.id) });
  const [row]: unknown[] = Array.isArray(reply) ? reply : [reply];
  const answer = JSON.stringify(Reflect.get(Object(row), action) ?? row);
  if (customer !== order.customer && !customer.isSuspended && textOf(reply, 'lost') === '') {
    must(answer.includes('Incorrect order ID'), 'I12', () => `${action} of another's: ${answer}`);
  }
  return answer;
}

/** Pays in: the same reference again adds nothing, also when the first answer was lost. */
export async function deposit(world: World, operation: Operation): Promise<string> {
  const customer = pick(world.model.customers, operation.a);
  if (customer === undefined) return 'nobody';
  const amount = parseAmount(`${1 + scale(operation.b, 30)}.${scale(operation.c, 100)}`, 'amount');
  const input = { customerId: customer.id, amount, reference: `deposit-${operation.at}` };
  const first = await addFunds(world.app, staff, input).catch(lostIn(world));
  world.faults.pauseCut();
  const again = await addFunds(world.app, staff, input);
  must(first !== true || !again, 'I10', () => 'a repeated deposit was added twice');
  customer.credits += amount;
  return first === undefined ? 'lost, repeated' : 'added';
}

/** Answers nothing for what a broken connection leaves open. */
export function lostIn({ faults }: World): (error: unknown) => undefined {
  return (error) => {
    if (!faults.isCut() || error instanceof AppError) throw error;
    return undefined;
  };
}

/** Gives or takes by hand; more than there is can't be taken. */
export async function adjust(world: World, operation: Operation): Promise<string> {
  const customer = pick(world.model.customers, operation.a);
  if (customer === undefined) return 'nobody';
  const units = BigInt(scale(operation.b, 2_000_000_000) - 1_000_000_000);
  const amount = (units === 0n ? 1n : units) as Parameters<typeof adjustBalance>[2]['amount'];
  const reference = `adjust-${operation.at}`;
  const input = { customerId: customer.id, amount, reason: 'simulated', reference };
  await adjustBalance(world.app, staff, input).catch(lostIn(world));
  world.faults.pauseCut();
  await adjustBalance(world.app, staff, input);
  customer.credits += amount;
  return String(amount);
}

/** Pauses a drip-feed or subscription, or lets it go on. */
export async function pause(world: World, operation: Operation): Promise<string> {
  const parents = recent(world).filter((order) => order.isParent);
  const order = pick(parents, operation.a);
  if (order === undefined) return 'nothing';
  const actor = { kind: 'customer', customerId: order.customer.id, keyId: null } as const;
  const isPaused = isWithin(operation.b, 50);
  await setPaused(world.app, actor, { orderId: order.id, isPaused });
  return isPaused ? 'paused' : 'goes on';
}
