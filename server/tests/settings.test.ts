import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type AllSettings,
  blockLink,
  listBlockedLinks,
  readLogo,
  readSettings,
  readTerms,
  setLogo,
  unblockLink,
  updateSettings,
} from '../src/catalog/index.ts';
import { updateCustomer } from '../src/customers/index.ts';
import { listAudit } from '../src/system/index.ts';
import { makeCustomer, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

const refused = (detail: string) => (error: unknown) => {
  const { code, detail: given } = Object(error);
  assert.deepEqual([code, given], ['invalid_input', detail], String(error));
  return true;
};

async function update(changes: Partial<AllSettings>): Promise<void> {
  await updateSettings(panel.app, staff, changes);
  await panel.app.catalog.refresh();
}

const changed: Omit<AllSettings, 'currency'> = {
  showDescription: true,
  showAverageTime: true,
  name: 'Fine Growth',
  tagline: 'Orders, delivered.',
  taglineZh: '下单即达',
  accent: '#aa3366',
  languages: ['zh-CN'],
  announcement: 'Line 1\nLine 2 <b>',
  announcementZh: '公告',
  terms: 'Be nice.',
  termsZh: '请友善。',
  contact: 'help@example.com',
  contactZh: '微信：panel',
  isSignUpOpen: false,
  isPriceListPublic: false,
  callsPerSecondDefault: 7,
  isSecondFactorRequired: true,
};

test('every setting is stored, and what pages show of it is in memory', async () => {
  await update({
    ...changed,
    name: '  Fine Growth ',
    accent: '#AA3366',
    announcement: changed.announcement.replace('\n', '\r\n'),
  });
  assert.deepEqual(await readSettings(panel.app.db), { currency: 'USD', ...changed });
  const terms = { terms: changed.terms, termsZh: changed.termsZh };
  assert.deepEqual(await readTerms(panel.app.db), terms);
  const { settings, panel: shown } = panel.app.catalog.current();
  const { showDescription, showAverageTime, callsPerSecondDefault, ...others } = changed;
  const { terms: _, termsZh: __, isSecondFactorRequired: ___, ...look } = others;
  assert.deepEqual(settings, {
    currency: 'USD',
    showDescription,
    showAverageTime,
    callsPerSecondDefault,
  });
  assert.deepEqual(shown, { ...look, hasTerms: true, logoVersion: '' });
});

test('a change leaves the rest as it is, and says in the audit log what it was', async () => {
  const before = await readSettings(panel.app.db);
  await update({ tagline: 'Other words' });
  assert.deepEqual(await readSettings(panel.app.db), { ...before, tagline: 'Other words' });
  const { rows } = await listAudit(panel.app.db, { action: 'settings.' }, { limit: 1 });
  assert.deepEqual(rows[0]?.before, { tagline: before.tagline });
  assert.deepEqual(rows[0]?.after, { tagline: 'Other words' });
});

test('a value that cannot be shown is refused under its name, and nothing is changed', async () => {
  const before = await readSettings(panel.app.db);
  const wrong: Partial<AllSettings>[] = [
    { currency: 'usd' },
    { currency: 'EURO' },
    { name: '  ' },
    { name: 'a'.repeat(61) },
    { name: 'a\u0000b' },
    { tagline: 'a'.repeat(201) },
    { announcement: 'a'.repeat(2_001) },
    { announcement: 'bell \u0007' },
    { terms: 'a'.repeat(50_001) },
    { contact: 'a'.repeat(501) },
    { accent: 'red' },
    { accent: '#12345' },
    { accent: '#1234567' },
    { accent: '#12345g' },
    { languages: [] },
    { languages: ['fr' as 'en'] },
    { callsPerSecondDefault: 0 },
    { callsPerSecondDefault: 1.5 },
    { callsPerSecondDefault: 1_000_001 },
  ];
  for (const changes of wrong) {
    const [name = ''] = Object.keys(changes);
    const withMore = { ...changes, showDescription: !before.showDescription };
    await assert.rejects(updateSettings(panel.app, staff, withMore), refused(name));
  }
  assert.deepEqual(await readSettings(panel.app.db), before);
});

test('a language given twice is offered once', async () => {
  await update({ languages: ['en', 'zh-CN', 'en'] });
  assert.deepEqual(panel.app.catalog.current().panel.languages, ['en', 'zh-CN']);
});

test('calls per second of the panel hold for who has no own limit, and can be lifted', async () => {
  const { customerId, key } = await makeCustomer(panel);
  const statuses = async (count: number) => {
    const body = () => new URLSearchParams({ key, action: 'balance' });
    const calls = Array.from({ length: count }, () =>
      fetch(`${panel.url}/api/v2`, { method: 'POST', body: body() }),
    );
    const replies = await Promise.all(calls);
    return replies.filter((reply) => reply.status === 200).length;
  };
  await update({ callsPerSecondDefault: 3 });
  assert.equal(await statuses(10), 6);
  panel.clock.advance(10_000);
  await updateCustomer(panel.app, staff, { customerId, changes: { callsPerSecondMax: 4 } });
  assert.equal(await statuses(10), 8);
  panel.clock.advance(10_000);
  await updateCustomer(panel.app, staff, { customerId, changes: { callsPerSecondMax: null } });
  await update({ callsPerSecondDefault: null });
  assert.equal(await statuses(10), 10);
});

const picture = (head: string, bytes = 100): Uint8Array =>
  Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(bytes - head.length)]);

test('a logo is told by its first bytes, and its version changes with it', async () => {
  const kinds = [
    ['\x89PNG\r\n\x1a\n', 'image/png'],
    ['\xff\xd8\xff\xe0', 'image/jpeg'],
    ['RIFF\x10\x00\x00\x00WEBP', 'image/webp'],
  ] as const;
  const versions = new Set<string>();
  for (const [head, type] of kinds) {
    const bytes = picture(head);
    await setLogo(panel.app, staff, bytes);
    await panel.app.catalog.refresh();
    const logo = await readLogo(panel.app.db);
    assert.equal(logo?.type, type);
    assert.deepEqual(Buffer.from(logo?.bytes ?? []), Buffer.from(bytes));
    versions.add(panel.app.catalog.current().panel.logoVersion);
  }
  assert.equal(versions.size, kinds.length);
  assert(!versions.has(''));
  await setLogo(panel.app, staff, null);
  await panel.app.catalog.refresh();
  assert.equal(await readLogo(panel.app.db), null);
  assert.equal(panel.app.catalog.current().panel.logoVersion, '');
});

test('a logo that is too large, empty, or could hold a script is refused', async () => {
  const largest = picture('\x89PNG\r\n\x1a\n', 200_000);
  await setLogo(panel.app, staff, largest);
  for (const bytes of [
    picture('\x89PNG\r\n\x1a\n', 200_001),
    new Uint8Array(),
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    Buffer.from('<?xml version="1.0"?><svg/>'),
    picture('GIF89a'),
    picture('RIFF\x10\x00\x00\x00WAVE'),
    Buffer.from('\x89PN'),
  ]) {
    await assert.rejects(setLogo(panel.app, staff, bytes), refused('logo'));
  }
  assert.equal((await readLogo(panel.app.db))?.bytes.length, 200_000);
});

test('the block list is read by alphabet, each text once, in lower case', async () => {
  for (const text of ['Casino.example', 'bad.example', 'CASINO.example']) {
    await blockLink(panel.app, staff, text);
  }
  assert.deepEqual(await listBlockedLinks(panel.app.db), ['bad.example', 'casino.example']);
  await unblockLink(panel.app, staff, 'Bad.example');
  assert.deepEqual(await listBlockedLinks(panel.app.db), ['casino.example']);
});
