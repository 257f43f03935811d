import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  type ProviderId,
  parseAmount,
  parseRate,
  type ServiceId,
  staffAreas,
} from '../base/index.ts';
import { createService, type ServiceInput, setRoutes } from '../catalog/index.ts';
import { createCustomer, createKey } from '../customers/index.ts';
import { addFunds, addMethod } from '../payments/index.ts';
import { addProvider } from '../providers/index.ts';
import { sandboxServices } from '../sandbox/index.ts';
import { addUser, type UserOwner } from '../sign-in/index.ts';
import { addStaff } from '../staff/index.ts';
import type { App } from './open.ts';

/** How somebody signs in; the password is shown this once. */
export type Login = { email: string; password: string };

export type Demo = {
  key: string;
  serviceId: number;
  /** Null where nobody can sign in yet: there is no secret. */
  logins: { customer: Login; operator: Login } | null;
};

const actor: Actor = { kind: 'system', name: 'demo' };

const sandboxCallsPerMinute = 600;
const passwordBytes = 12;

type Row = [category: string, type: ServiceInput['type'], name: string, rate: string, max: number];

/** One service of every type, within what the sandbox delivers and above what it asks for. */
const rows: readonly Row[] = [
  ['Followers', 'Default', 'Followers, high quality', '1.20', 10_000],
  ['Followers', 'Package', 'Starter package: profile review', '6.50', 1],
  ['Followers', 'Subscriptions', 'Likes on every new post', '1.20', 5_000],
  ['Comments', 'Custom Comments', 'Comments, your own text', '16', 500],
  ['Comments', 'Custom Comments Package', 'Ten comments, your own text', '3.75', 1],
  ['Comments', 'Comment Replies', 'Replies to a comment', '16.40', 500],
  ['Comments', 'Comment Likes', 'Likes on a comment', '1.30', 10_000],
  ['Mentions', 'Mentions', 'Mentions', '3.10', 10_000],
  ['Mentions', 'Mentions with Hashtags', 'Mentions with hashtags', '3.30', 10_000],
  ['Mentions', 'Mentions Custom List', 'Mentions, your own list', '3.40', 10_000],
  ['Mentions', 'Mentions Hashtag', 'Mentions by hashtag', '2.90', 10_000],
  ['Mentions', 'Mentions User Followers', "Mentions of a user's followers", '3.05', 10_000],
  ['Mentions', 'Mentions Media Likers', 'Mentions of media likers', '3.15', 10_000],
  ['Polls and groups', 'Poll', 'Poll votes', '0.875', 10_000],
  ['Polls and groups', 'Invites from Groups', 'Invites from groups', '8.40', 10_000],
  ['Websites', 'SEO', 'Search engine visits', '2.25', 10_000],
  ['Websites', 'Web Traffic', 'Website visits', '0.50', 100_000],
];

/** Whether nobody has used this panel yet: no customer, no service. */
export async function isEmpty(app: App): Promise<boolean> {
  const found = await sql<{ used: boolean }>`
    select exists(select from customers) or exists(select from services) as used`.execute(app.db);
  return found.rows[0]?.used !== true;
}

/**
 * Fills an empty panel with a catalog of every service type, a sandbox provider that delivers it,
 * a customer with funds and a key, a way to pay in more, and an operator; both can sign in.
 * Somebody waits for it, and each step for the disk: so what does not need another goes beside it.
 */
export async function seedDemo(app: App): Promise<Demo> {
  const [serviceId, { key, login }, operator] = await Promise.all([
    addCatalog(app),
    addBuyer(app),
    app.signIn.isAvailable ? addOperator(app) : null,
    addWayToPay(app),
  ]);
  await app.catalog.refresh();
  const logins = login === null || operator === null ? null : { customer: login, operator };
  return { key, serviceId, logins };
}

/** @returns the first service */
async function addCatalog(app: App): Promise<number> {
  const providerId = await addSandbox(app);
  const routes: { serviceId: ServiceId; externalId: string }[] = [];
  let first: ServiceId | undefined;
  for (const row of rows) {
    const [, type] = row;
    const twin = sandboxServices.find((service) => service.type === type);
    const serviceId = await createService(app, actor, demoService(row, twin?.min ?? 1));
    first ??= serviceId;
    if (twin !== undefined) routes.push({ serviceId, externalId: String(twin.service) });
  }
  if (providerId !== undefined) {
    const setRoute = ({ serviceId, externalId }: (typeof routes)[number]) =>
      setRoutes(app, actor, { serviceId, routes: [{ providerId, externalId }] });
    await Promise.all(routes.map(setRoute));
  }
  return first ?? 1;
}

async function addBuyer(app: App): Promise<{ key: string; login: Login | null }> {
  const customerId = await createCustomer(app, actor, { name: 'Demo reseller' });
  const amount = parseAmount('100', 'amount');
  const [{ key }, login] = await Promise.all([
    createKey(app, actor, { customerId, name: 'Demo key' }),
    app.signIn.isAvailable ? addLogin(app, 'demo@example.com', { customerId }) : null,
    addFunds(app, actor, { customerId, amount, reference: 'demo' }),
  ]);
  return { key, login };
}

async function addOperator(app: App): Promise<Login> {
  const input = { name: 'operator', areas: staffAreas, dailyLimit: null };
  const staffId = await addStaff(app, actor, input);
  return addLogin(app, 'operator@example.com', { staffId });
}

/** By hand, as that needs nobody else: the customer says it is paid, and the operator confirms. */
function addWayToPay(app: App) {
  return addMethod(app, actor, {
    kind: 'manual',
    name: 'Bank transfer',
    instructions:
      'This is a demo: say that you have paid {amount}, and confirm it as the operator.',
    instructionsZh: '这是演示：点击“我已付款”表示已支付 {amount}，再以员工身份确认。',
    enabled: true,
    min: parseAmount('5', 'min'),
    max: parseAmount('1000', 'max'),
  });
}

async function addLogin(app: App, email: string, owner: UserOwner): Promise<Login> {
  const password = randomBytes(passwordBytes).toString('base64url');
  await addUser(app, actor, { owner, email, password });
  return { email, password };
}

/** Beside an external database there may be no secret to keep its key by; staff deliver then. */
async function addSandbox(app: App): Promise<ProviderId | undefined> {
  try {
    return await addProvider(app, actor, {
      name: 'Sandbox',
      // Where it really is, and its key, are set whenever it is served.
      url: 'http://127.0.0.1/api/v2',
      key: randomBytes(24).toString('hex'),
      callsPerMinuteMax: sandboxCallsPerMinute,
      isSandbox: true,
    });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not_allowed') throw error;
    app.log.warn({}, `the demo has no provider: ${error.message}`);
    return undefined;
  }
}

function demoService([category, type, name, rate, max]: Row, min: number): ServiceInput {
  const isPackage = max === 1;
  return {
    category,
    type,
    name,
    rate: parseRate(rate, 'rate'),
    min,
    max,
    refill: type === 'Default',
    refillDays: type === 'Default' ? 30 : null,
    cancel: !isPackage,
    dripfeed: type === 'Default' || type === 'Web Traffic',
    description: `${name}. Delivery starts within a minute.`,
    averageTime: '1 minute',
  };
}
