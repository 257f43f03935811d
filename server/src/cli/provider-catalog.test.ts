import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openUpstream, type Upstream } from '../../tests/delivery/upstream.ts';
import { openTestPanel, type TestPanel, testSecret } from '../../tests/harness.ts';
import { sandboxServices } from '../sandbox/index.ts';
import { readDocument, runPanelwright } from './fixture.ts';

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
  return runPanelwright(args, { ...settings, PANELWRIGHT_SECRET: testSecret });
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
