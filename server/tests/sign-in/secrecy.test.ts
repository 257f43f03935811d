import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inviteUser } from '../../src/sign-in/index.ts';
import { addStaff } from '../../src/staff/index.ts';
import { staff } from '../factories.ts';
import { testSecret } from '../harness.ts';
import { codeOf, enableTotp } from './totp.ts';
import {
  createVisitor,
  linkOf,
  openSignInPanel,
  password,
  type SignInPanel,
  signUp,
} from './visitor.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

/** Every row of every table, as text; bytes are in it as hex and, where they are text, as such. */
async function dump(): Promise<string> {
  const tables = await panel.owner.sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  const rows = await Promise.all(
    tables.map(({ name }) => panel.owner.sql.unsafe(`select t::text as row from ${name} t`)),
  );
  const text = rows.flatMap((list) => list.map((row) => String(row.row))).join('\n');
  const bytes = [...text.matchAll(/\\x([0-9a-f]{8,})/g)].map(([, hex = '']) =>
    Buffer.from(hex, 'hex').toString('latin1'),
  );
  return [text, ...bytes].join('\n');
}

/** All that could let somebody in, gathered on the way through every flow. */
async function walkThrough(): Promise<Record<string, string>> {
  const { visitor, email } = await signUp(panel);
  const confirmation = linkOf(await panel.lastMail(email)).searchParams.get('token') ?? '';
  const factor = await enableTotp(visitor);
  const other = createVisitor(panel);
  await other.post('/api/auth/sign-in/email', { email, password });
  const halfway = tokensOf(other.cookies);
  const code = codeOf(factor.secret);
  await other.post('/api/auth/two-factor/verify-totp', { code, trustDevice: true });
  await other.get('/api/auth/passkey/generate-authenticate-options');
  const stranger = createVisitor(panel);
  await stranger.post('/api/auth/sign-up/email', { name: 'B', email: 'b@example.com', password });
  await stranger.post('/api/auth/request-password-reset', { email });
  const reset = linkOf(await panel.lastMail(email)).searchParams.get('token') ?? '';
  await stranger.post('/api/auth/request-password-reset', { email });
  const staffId = await addStaff(panel.app, staff, { name: 'ann', areas: [], dailyLimit: null });
  const invited = { owner: { staffId }, email: 'ann@example.com' };
  const { token: invitation } = await inviteUser(panel.app, staff, invited);
  return {
    confirmation,
    reset,
    invitation,
    password,
    panelSecret: testSecret,
    totpSecret: factor.secret.toString('latin1'),
    totpUri: factor.uri.searchParams.get('secret') ?? '',
    ...Object.fromEntries(factor.backupCodes.map((each, index) => [`backup ${index}`, each])),
    ...prefixed('session', tokensOf(visitor.cookies)),
    ...prefixed('half', halfway),
    ...prefixed('other', tokensOf(other.cookies)),
  };
}

/** What stands in signed cookies before their signatures. */
function tokensOf(cookies: Map<string, string>): string[] {
  return [...cookies.values()].map((value) => decodeURIComponent(value).split('.')[0] ?? '');
}

function prefixed(name: string, values: string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, index) => [`${name} ${index}`, value]));
}

test('no token, password, code or secret lies in clear in the database or the log', async () => {
  const secrets = await walkThrough();
  assert(Object.keys(secrets).length > 18, Object.keys(secrets).join());
  const { count } = await panel.app.db
    .selectFrom('mails')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('link_sealed', 'is not', null)
    .executeTakeFirstOrThrow();
  assert(count > 0n, 'some mails with links wait');
  const text = await dump();
  assert(text.includes('person1@example.com'));
  // Mails are shown in the log on purpose, where there is no SMTP server.
  const log = JSON.stringify(
    panel.logged.filter((line) => !JSON.stringify(line).includes('subject')),
  );
  for (const [name, secret] of Object.entries(secrets)) {
    assert(secret.length >= 8, `${name} is found nowhere: "${secret}"`);
    assert(!text.includes(secret), `${name} is in the database`);
    assert(!log.includes(secret), `${name} is in the log`);
  }
});

test('a mail that was sent keeps nothing of what it said', async () => {
  await panel.lastMail('b@example.com');
  const left = await panel.app.db
    .selectFrom('mails')
    .select(['details', 'link_sealed', 'sent_at'])
    .execute();
  assert(left.length > 0);
  for (const mail of left) {
    assert.notEqual(mail.sent_at, null);
    assert.deepEqual([mail.details, mail.link_sealed], [{}, null]);
  }
});
