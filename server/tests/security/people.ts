import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { type CustomerId, dayMs, type StaffArea, type StaffId } from '../../src/base/index.ts';
import { inviteUser, type UserOwner } from '../../src/sign-in/index.ts';
import { deriveSignInSecret, hashToken } from '../../src/sign-in/tokens.ts';
import { addStaff } from '../../src/staff/index.ts';
import { staff } from '../factories.ts';
import { type TestPanel, testSecret } from '../harness.ts';

// Sessions without the pages of signing in: what those do is tried elsewhere.

let people = 0;

/** A session of somebody: the headers that show it, and its number. */
export type Session = { headers: Record<string, string>; id: string; userId: string };

export type SessionOptions = {
  /** When they signed in; by default now. */
  since?: Date;
  endsAt?: Date;
  acting?: CustomerId;
};

/** Lets somebody sign in who has no login so far, and signs them in. */
export async function openSession(
  panel: TestPanel,
  owner: UserOwner,
  options: SessionOptions = {},
): Promise<Session> {
  people += 1;
  const input = { owner, email: `reader${people}@example.com` };
  const { userId } = await inviteUser(panel.app, staff, input);
  return addSession(panel, userId, options);
}

/** Signs a user in once more. */
export async function addSession(
  panel: TestPanel,
  userId: string,
  options: SessionOptions = {},
): Promise<Session> {
  const token = randomBytes(24).toString('base64url');
  const now = panel.clock.now();
  const { since = now, endsAt = new Date(now.getTime() + 30 * dayMs), acting = null } = options;
  const id = `session-${randomBytes(9).toString('hex')}`;
  await panel.owner.db
    .insertInto('user_sessions')
    .values({
      id,
      user_id: userId,
      token_hash: hashToken(token),
      acting_customer_id: acting,
      created_at: since,
      updated_at: since,
      expires_at: endsAt,
    })
    .execute();
  return { headers: { cookie: sign(token) }, id, userId };
}

/** The cookie of a token, signed by the panel's secret. */
function sign(token: string): string {
  const secret = deriveSignInSecret(testSecret);
  const signature = createHmac('sha256', secret).update(token).digest('base64');
  return `panelwright.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
}

/** A member of staff who is signed in. */
export async function openStaff(
  panel: TestPanel,
  areas: readonly StaffArea[],
  options: SessionOptions = {},
): Promise<Session & { staffId: StaffId }> {
  people += 1;
  const staffId = await addStaff(panel.app, staff, {
    name: `reader${people}`,
    areas,
    dailyLimit: null,
  });
  return { ...(await openSession(panel, { staffId }, options)), staffId };
}

/** Calls of keys are written down some time later; every change of a key is audited. */
const writtenLater = ['api_keys', 'recent_calls'];

/** What all tables hold, by table. Two of them are equal where nothing was changed between. */
export async function digestTables(panel: TestPanel): Promise<Record<string, string>> {
  await settle(panel);
  const tables = await panel.owner.sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`;
  assert(tables.length > 40);
  const digests = tables
    .filter(({ name }) => !writtenLater.includes(name))
    .map(({ name }) => `select '${name}' as name, ${digestOf} as digest from ${name} t`);
  const rows = await panel.owner.sql.unsafe(digests.join(' union all '));
  return Object.fromEntries(rows.map(({ name, digest }) => [String(name), String(digest)]));
}

/** Of all rows of a table. */
const digestOf = "md5(string_agg(t::text, '|' order by t::text))";

/** Waits until what was begun before is written: counts of calls, a verification. */
async function settle({ app, owner }: TestPanel): Promise<void> {
  await app.upstreams.flush();
  let running: readonly unknown[];
  do running = await owner.sql`select id from verifications where state = 'running'`;
  while (running.length > 0);
}
