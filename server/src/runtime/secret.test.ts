import assert from 'node:assert/strict';
import { chownSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AppError } from '../base/index.ts';
import { readOrCreateSecret } from './secret.ts';

const folders: string[] = [];
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'panelwright-secret-'));
  folders.push(folder);
  return folder;
}

test('a secret is made once, for its owner alone, and stays', async () => {
  const folder = await makeFolder();
  const secret = await readOrCreateSecret(folder);
  assert.match(secret, /^[\w-]{43}$/);
  assert.equal(await readOrCreateSecret(folder), secret);
  assert.equal(statSync(join(folder, 'secret')).mode & 0o777, 0o600);
  assert.notEqual(await readOrCreateSecret(await makeFolder()), secret);
});

test('processes that start at once share one secret, and leave nothing else', async () => {
  const folder = await makeFolder();
  const secrets = await Promise.all(Array.from({ length: 20 }, () => readOrCreateSecret(folder)));
  assert.equal(new Set(secrets).size, 1);
  assert.deepEqual(readdirSync(folder), ['secret']);
});

test("a secret made as root is the panel's user's", {
  skip: process.geteuid?.() !== 0,
}, async () => {
  const folder = await makeFolder();
  chownSync(folder, 65_534, 65_534);
  await readOrCreateSecret(folder);
  assert.equal(statSync(join(folder, 'secret')).uid, 65_534);
});

test('a file that holds no secret is refused, and not replaced', async () => {
  const folder = await makeFolder();
  writeFileSync(join(folder, 'secret'), 'short\n');
  await assert.rejects(readOrCreateSecret(folder), (error) => {
    return error instanceof AppError && error.code === 'conflict';
  });
});
