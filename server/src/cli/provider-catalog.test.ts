import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openUpstream, type Upstream } from '../../tests/delivery/upstream.ts';
import { openTestPanel, type TestPanel, testSecret } from '../../tests/harness.ts';
import type { ImportReport } from '../catalog/index.ts';
import { type CatalogName, catalogNames, sandboxServices } from '../sandbox/index.ts';
import { readDocument, runCommand } from './fixture.ts';

let panel: TestPanel;
let upstream: Upstream;
before(async () => {
  panel = await openTestPanel({ start: new Date() });
  upstream = await openUpstream(panel, { name: 'Whole: sale' });
});
after(async () => {
  await upstream.close();
  await panel.close();
});

function run(...args: string[]) {
  const settings = { DATABASE_URL: panel.databaseUrl, LOG_LEVEL: 'warn' };
  return runCommand(args, { ...settings, PANELWRIGHT_SECRET: testSecret });
}

async function json(...args: string[]) {
  return readDocument(run(...args, '--json'));
}

test('a catalog is imported and followed, and its jumps are decided, by commands', async () => {
  const [first] = sandboxServices;
  assert(first);
  const terms = ['--markup', '20', '--fixed', '0.01', '--floor', '0.05'];
  const report = await json('providers', 'import', 'Whole: sale', ...terms, '--service', '1');
  assert.deepEqual([report.created.length, report.existing, report.warnings], [1, 0, []]);
  const [created] = report.created;
  assert.equal(created.externalId, '1');

  upstream.sandbox.setServices([{ ...first, rate: '77' }, ...sandboxServices.slice(1)]);
  const [synced] = await json('providers', 'sync', 'Whole: sale');
  assert.deepEqual([synced.followed, synced.applied, synced.held], [1, 0, 1]);
  const [all] = await json('providers', 'sync');
  assert.equal(all.held, 1);
  const [held] = await json('services', 'changes', '--held');
  assert.deepEqual(
    [held.serviceId, held.kind, held.after.rate],
    [created.serviceId, 'rate', '92.41'],
  );
  const shown = await run('services', 'changes', '--held');
  assert.match(shown.stdout, /rate 92\.41/);
  assert.doesNotMatch(shown.stdout, /basis/);
  await json('services', 'decide', held.id, 'apply');
  const [change] = await json('services', 'changes', '--limit', '1');
  assert.deepEqual([change.kind, change.after], ['rate', { rate: '92.41' }]);
  const again = await run('services', 'decide', held.id, 'reject');
  assert.equal(again.code, 1);
});

test('a service is created with routes, and they are shown and replaced', async () => {
  const limits = ['--rate', '1', '--min', '1', '--max', '10'];
  const fields = ['--name', 'N', '--category', 'C', '--type', 'Default', ...limits];
  const routes = ['--route', 'Whole: sale:2+delegated', '--route', '1:999+unguarded'];
  const { stdout } = await run('services', 'create', ...fields, ...routes);
  const id = /^service (\d+)\nnote: .*999/.exec(stdout)?.[1] ?? '';
  const shown = await json('services', 'routes', id);
  const route = { position: 1, providerId: upstream.providerId, externalId: '2' };
  assert.deepEqual(shown.routes, [
    { ...route, isDelegated: true, guardsMargin: true },
    { ...route, position: 2, externalId: '999', isDelegated: false, guardsMargin: false },
  ]);
  assert.deepEqual((await json('services', 'routes', id, '--none')).routes, []);
  for (const bad of ['Whole', 'Nobody:1', 'Whole: sale:1+fast']) {
    assert.equal((await run('services', 'routes', id, '--route', bad)).code, 1, bad);
  }
});

test('a provider that sends no list is told of, and the others are synced', async () => {
  const broken = await openUpstream(panel, { name: 'Broken' });
  after(() => broken.close());
  broken.sandbox.serveCatalog('html');
  const one = await run('providers', 'sync', 'Broken');
  assert.deepEqual([one.code, one.stdout], [1, '']);
  assert.match(one.stderr, /nothing was changed/);
  const all = await run('providers', 'sync', '--json');
  assert.equal(all.code, 1);
  const [fine, failed] = JSON.parse(all.stdout);
  assert.equal(fine.provider, upstream.providerId);
  assert.match(failed.error, /nothing was changed/);
});

const good = 'Default 0.9 drc';
/** What is sold of each odd catalog: type, rate and flags; `off`, when it is not on sale. */
const imported: Readonly<Partial<Record<CatalogName, readonly string[]>>> = {
  numbers_as_text: [good],
  numbers_as_numbers: [good],
  binary_noise: ['Default 0.3 drc', 'Default 0.00001 drc'],
  many_decimals: ['Default 0.12346 drc'],
  flags_true: ['Default 0.9 dr'],
  flags_text: ['Default 0.9 dc'],
  flags_number: ['Default 0.9 dc'],
  flags_number_text: ['Default 0.9 dc'],
  flags_missing: ['Default 0.9 '],
  separators: [good, good],
  html_names: [good],
  odd_types: [
    ...['Custom Comments', 'Custom Comments', 'Mentions with Hashtags'].map(
      (type) => `${type} 0.9 rc`,
    ),
    ...['Mentions User Followers', 'Invites from Groups'].map((type) => `${type} 0.9 rc`),
    ...[`${good} off`, good, `${good} off`, `${good} off`],
  ],
  duplicate_ids: [good],
  wrong_bounds: [],
  wrong_rates: [],
  rows_of_anything: [good],
  byte_order_mark: [good, good],
  huge: Array<string>(10_000).fill(good),
};
/** What is left out, or imported and off sale, is told of. */
const warned: Readonly<Partial<Record<CatalogName, readonly string[]>>> = {
  separators: ['2 no_price'],
  odd_types: ['6 unknown_type', '8 unknown_type', '9 unknown_type'],
  wrong_bounds: ['1 bad_bounds', '2 bad_bounds', '3 bad_bounds', '4 bad_bounds'],
  wrong_rates: ['1 no_price', '2 no_price', '3 no_price', '4 no_price', '5 free'],
};

async function soldOf(providerId: number): Promise<{ name: string; terms: string }[]> {
  return panel.owner.sql<{ name: string; terms: string }[]>`
    select v.name, concat(v.type, ' ', trim_scale(v.rate / 100000.0), ' ',
      case when v.dripfeed then 'd' end, case when v.refill then 'r' end,
      case when v.cancel then 'c' end, case when not v.enabled then ' off' end) as terms
    from service_sources s join services v on v.id = s.service_id
    where s.provider_id = ${providerId} order by s.external_id::int`;
}

for (const name of catalogNames) {
  const expected = imported[name];
  const what = expected ? 'is imported as far as it is sound' : 'imports nothing, and is told of';
  test(`a catalog with ${name.replaceAll('_', ' ')} ${what}`, async (t) => {
    const odd = await openUpstream(panel, { name: `Odd ${name}` });
    t.after(() => odd.close());
    odd.sandbox.serveCatalog(name);
    const { code, stdout, stderr } = await run('providers', 'import', `Odd ${name}`, '--json');
    const sold = await soldOf(odd.providerId);
    if (expected === undefined) {
      assert.deepEqual([code, stdout, sold.length], [1, '', 0]);
      assert.match(stderr, /^error: [^\n]*nothing was changed\n$/);
      return;
    }
    assert.equal(code, 0, stderr);
    const { created, warnings }: ImportReport = JSON.parse(stdout);
    assert.equal(created.length, expected.length);
    assert.deepEqual(
      sold.map(({ terms }) => terms),
      expected,
    );
    for (const service of sold) assert.doesNotMatch(service.name, /[<>]/);
    const told = warnings.map(({ subject, code: why }) => `${subject} ${why}`);
    assert.deepEqual(told, warned[name] ?? []);
  });
}
