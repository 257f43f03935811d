import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openLoopback } from '../testing/loopback.ts';

const folder = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', folder), 'utf8');
const shown = new Map(
  [...readme.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, path = '', text = '']) => [
    path,
    text,
  ]),
);

const status = { charge: '0.2', start_count: '5', status: 'In progress', remains: '7' };
const replies: Record<string, unknown> = {
  add: { order: 23501 },
  status: { 23501: status, 23502: { error: 'Incorrect order ID' } },
  services: [
    { service: 1, name: 'Likes', type: 'Default', rate: '0.90', min: 1, max: 5 },
    { service: 2, name: 'Odd', type: 'special', rate: '1', min: 1, max: 5 },
  ],
};

const printed: Record<string, string> = {
  'examples/place-order.ts': 'order 23501\n',
  'examples/follow-orders.ts':
    '23501: In progress, 7 remain, 0.2 charged\n' +
    '23502: refused\n23503: missing\nnot mentioned: 23503\n',
  'examples/import-services.ts': '1 Likes: 0.9 (Default)\nservice 2: unknown_type "special"\n',
  'examples/own-transport.ts': 'notSent\naccepted\n',
};

test('every example is in the README, word for word', () => {
  const files = readdirSync(new URL('examples/', folder)).map((name) => `examples/${name}`);
  assert.deepEqual([...shown.keys()].sort(), files.sort());
  assert.deepEqual(Object.keys(printed).sort(), files);
  assert.equal(readme.split('```ts\n').length - 1, files.length);
  for (const [path, text] of shown) {
    assert.equal(text, readFileSync(new URL(path, folder), 'utf8'), path);
  }
});

for (const [path, output] of Object.entries(printed)) {
  test(`${path} runs and prints what it should`, async () => {
    await using server = await openLoopback(async (request, response) => {
      const body = (await request.toArray()).join('');
      const action = new URLSearchParams(body).get('action') ?? '';
      response.end(JSON.stringify(replies[action]));
    });
    const env = { ...process.env, PANEL_URL: server.url, PANEL_KEY: 'key-of-the-tests' };
    const file = fileURLToPath(new URL(path, folder));
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    assert.equal(stdout, output);
  });
}
