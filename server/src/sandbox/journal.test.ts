import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fakeClock, minuteMs } from '../base/index.ts';
import { createSandbox, readJournal, type Sandbox } from './index.ts';

const key = 'sandbox-key';
const adding = { key, action: 'add', service: 1, link: 'https://example.com', quantity: 100 };
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'panelwright-sandbox-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function open(clock = fakeClock(new Date('2026-01-01T00:00:00Z'))) {
  const journalFile = join(folder, 'journal');
  const requestIdField = 'request_id';
  return createSandbox({ key, clock, journalFile, requestIdField, refillWaitMs: 0 });
}

function bodyOf(sandbox: Sandbox, fields: Record<string, string | number>): string {
  return String(sandbox.handle({ key, ...fields }).body);
}

test('what was asked is in the file before the reply leaves', () => {
  const sandbox = open();
  sandbox.handle({ ...adding, request_id: 'a', odd: 'ünïcode' });
  const [deposit, add] = readJournal(join(folder, 'journal'));
  assert.deepEqual(deposit, { kind: 'deposit', at: '2026-01-01T00:00:00.000Z', amount: '1000.00' });
  assert(add?.kind === 'add');
  const { order, quantity, charge, at, params } = add;
  assert.deepEqual([order, quantity, charge, at], [1, 100, '0.09', '2026-01-01T00:00:00.000Z']);
  assert.deepEqual(params, {
    action: 'add',
    service: '1',
    link: 'https://example.com',
    quantity: '100',
    request_id: 'a',
    odd: 'ünïcode',
  });
  sandbox.close();
});

test('a restart changes no answer', () => {
  const clock = fakeClock(new Date('2026-01-01T00:00:00Z'));
  const before = open(clock);
  before.handle({ ...adding, request_id: 'a' });
  before.handle({ ...adding, runs: 3, interval: 10 });
  before.handle({ ...adding, service: 17, username: 'alice', min: 20, max: 30, delay: 0 });
  before.announce(4, 'https://example.com/new');
  before.plan({ link: 'https://example.com/partial' }, { end: 'Partial', remains: 40 });
  before.handle({ ...adding, link: 'https://example.com/partial' });
  clock.advance(minuteMs);
  before.handle({ key, action: 'refill', order: 1 });
  before.handle({ key, action: 'cancel', orders: 2 });
  before.handle({ key, action: 'add' });
  clock.advance(15 * minuteMs);
  const questions: Record<string, string | number>[] = [
    { action: 'status', orders: '1,2,3,4,5,6,7' },
    { action: 'refill_status', refills: '1,2' },
    { action: 'balance' },
    { ...adding, request_id: 'a' },
  ];
  const answers = questions.map((fields) => bodyOf(before, fields));
  before.close();
  const after = open(clock);
  assert.deepEqual(
    questions.map((fields) => bodyOf(after, fields)),
    answers,
  );
  assert.deepEqual(after.journal(), before.journal());
  assert.equal(bodyOf(after, adding), '{"order":7}');
  after.close();
});

test('half a line, as a killed process leaves it, is cut off and written over', () => {
  const sandbox = open();
  sandbox.handle(adding);
  sandbox.close();
  const file = join(folder, 'journal');
  appendFileSync(file, '{"kind":"add","at":"2026-01-01T0');
  const again = open();
  assert.equal(bodyOf(again, adding), '{"order":2}');
  again.close();
  assert.deepEqual(readFileSync(file, 'utf8').trim().split('\n').length, readJournal(file).length);
});
