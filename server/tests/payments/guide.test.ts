import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { parseAmount } from '../../src/base/index.ts';
import { startPayment } from '../../src/payments/index.ts';
import { makeCustomer } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { balanceOf, customerActor, gatewaySecrets, makeMethod, returnUrl } from './steps.ts';

const guide = readFileSync(new URL('../../../docs/payments.md', import.meta.url), 'utf8');
const timeoutMs = 30_000;

type Run = { code: number; stdout: string };

/** Runs a script as an operator would who copied it. */
function run(script: string, env: Record<string, string> = {}): Promise<Run> {
  const options = { env: { ...process.env, ...env }, timeout: timeoutMs };
  return new Promise((resolve) => {
    execFile('sh', ['-c', script], options, (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout: stdout.trim() });
    });
  });
}

function example(name: string): string {
  const [, script] = new RegExp(`\`\`\`sh ${name}\n(.*?)\`\`\``, 's').exec(guide) ?? [];
  assert(script !== undefined, `the guide has an example "${name}"`);
  return script;
}

const tools = await run('openssl version && curl --version');
const skip = tools.code === 0 ? false : 'openssl and curl are not installed';

let panel: TestPanel;
before(async () => {
  // The examples sign with the time of now.
  panel = await openTestPanel({ start: new Date() });
});
after(() => panel.close());

async function begin() {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel);
  const { paymentId, next } = await startPayment(panel.app, customerActor(customerId), {
    methodId,
    amount: parseAmount('25.5', 'amount'),
    returnUrl,
  });
  assert(next.kind === 'redirect');
  const env = { PAYMENT: String(paymentId), URL: `${panel.url}/webhooks/gateway/${methodId}` };
  return { customerId, address: new URL(next.url), env };
}

test("the guide's check takes an address of the panel, and no other", { skip }, async () => {
  const { address } = await begin();
  const { secret: SECRET } = gatewaySecrets;
  const names = [...address.searchParams.keys()];
  const [shown] = /https:\/\/pay\.example\/start\?\S+/.exec(guide) ?? [];
  assert.deepEqual(names, [...new URL(shown ?? '').searchParams.keys()]);
  const QUERY = address.search.slice(1);
  const taken = await run(example('check'), { SECRET, QUERY });
  assert.deepEqual(taken, { code: 0, stdout: 'signed by the panel' });
  const forged = QUERY.replace('amount=25.50', 'amount=0.01');
  assert.notEqual(forged, QUERY);
  assert.equal((await run(example('check'), { SECRET, QUERY: forged })).stdout, '');
  assert.equal((await run(example('check'), { SECRET: 'other', QUERY })).stdout, '');
});

test("the guide's report credits a payment, once however often it is sent", { skip }, async () => {
  const { customerId, env } = await begin();
  const { secret: SECRET } = gatewaySecrets;
  for (let times = 0; times < 2; times += 1) {
    const { stdout } = await run(example('report'), { ...env, SECRET });
    assert.equal(stdout, '{"received":true}');
    assert.equal(await balanceOf(panel, customerId), '25.50');
  }
});

test("the guide's report is refused when signed with another secret", { skip }, async () => {
  const { customerId, env } = await begin();
  const { stdout } = await run(example('report'), { ...env, SECRET: 'not the secret' });
  assert.match(stdout, /"error"/);
  assert.equal(await balanceOf(panel, customerId), '0.00');
});

test('the guide names every event that a gateway can report', () => {
  const source = readFileSync(new URL('../../src/payments/gateway.ts', import.meta.url), 'utf8');
  const types = new Set(source.match(/'(payment|dispute)\.[a-z]+'/g));
  assert(types.size >= 8);
  for (const type of types) assert(guide.includes(`\`${type.slice(1, -1)}\``), type);
});
