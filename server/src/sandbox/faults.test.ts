import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeClock } from '../base/index.ts';
import { catalogNames, createSandbox, type ScriptedFault } from './index.ts';

const key = 'sandbox-key';
const link = 'https://example.com';

function open() {
  const clock = fakeClock(new Date('2026-01-01T00:00:00Z'));
  const sandbox = createSandbox({ key, clock });
  const ask = (fields: Record<string, string | number>) =>
    String(sandbox.handle({ key, ...fields }).body);
  const add = (fields: Record<string, string | number> = {}) =>
    ask({ action: 'add', service: 1, link, quantity: 100, ...fields });
  return { sandbox, clock, ask, add };
}

describe('which call a fault hits', () => {
  test('the next one, in the order they were scripted', () => {
    const { sandbox, add } = open();
    sandbox.script({ kind: 'refuse', error: 'a' }, { kind: 'refuse', error: 'b' });
    assert.deepEqual([add(), add(), add()], ['{"error":"a"}', '{"error":"b"}', '{"order":1}']);
  });

  test('only one of its action, link, service or order', () => {
    const { sandbox, ask, add } = open();
    const refuse = { kind: 'refuse', error: 'no' } as const;
    sandbox.script(
      { ...refuse, on: { action: 'balance' } },
      { ...refuse, on: { link: 'https://example.com/2' } },
      { ...refuse, on: { service: 3 } },
      { ...refuse, on: { order: 1 } },
    );
    assert.equal(add(), '{"order":1}');
    assert.equal(ask({ action: 'balance' }), '{"error":"no"}');
    assert.equal(add({ link: 'https://example.com/2' }), '{"error":"no"}');
    assert.equal(add({ service: 3 }), '{"error":"no"}');
    assert.match(ask({ action: 'status', orders: '2,3' }), /Incorrect order ID/);
    assert.equal(ask({ action: 'status', orders: '3,1' }), '{"error":"no"}');
    assert.match(ask({ action: 'status', orders: '3,1' }), /Pending/);
  });

  test('as many as it says, or all until it is cleared', () => {
    const { sandbox, add } = open();
    sandbox.script({ kind: 'refuse', error: 'no', times: 2 });
    assert.deepEqual([add(), add(), add()], ['{"error":"no"}', '{"error":"no"}', '{"order":1}']);
    sandbox.script({ kind: 'refuse', error: 'never', times: 0 });
    for (let index = 0; index < 5; index += 1) assert.equal(add(), '{"error":"never"}');
    sandbox.clearFaults();
    assert.equal(add(), '{"order":2}');
  });

  test('what a function decides, which knows the call', () => {
    const { sandbox, add, ask } = open();
    sandbox.decideFaults(({ number, action, fields }) =>
      number % 2 === 0 && action === 'add' && fields.quantity === '100'
        ? { kind: 'accept_then_500' }
        : undefined,
    );
    assert.equal(add(), '{"order":1}');
    assert.match(add(), /Internal server error/);
    assert.equal(add(), '{"order":3}');
    assert.match(ask({ action: 'balance' }), /balance/);
    const faults = sandbox.calls().map(({ fault }) => fault);
    assert.deepEqual(faults, [undefined, 'accept_then_500', undefined, undefined]);
    assert.equal('key' in (sandbox.calls()[0]?.fields ?? {}), false);
  });
});

describe('rows of status', () => {
  function statusWith(fault: ScriptedFault, orders = '1,2,3'): string {
    const { sandbox, clock, ask, add } = open();
    for (const quantity of [100, 200, 300]) add({ quantity });
    clock.advance(22_500);
    sandbox.script(fault);
    // Only status can have broken rows; other calls leave the fault alone.
    ask({ action: 'balance' });
    const name = orders.includes(',') ? 'orders' : 'order';
    return ask({ action: 'status', [name]: orders });
  }
  const read = (text: string): Record<string, Record<string, unknown>> => JSON.parse(text);
  const remains = (text: string) =>
    Object.entries(read(text)).map(([id, row]) => `${id}: ${row.remains}`);

  test('missing', () => {
    assert.equal(statusWith({ kind: 'rows_missing' }), '{}');
    const text = statusWith({ kind: 'rows_missing', orders: [2] });
    assert.deepEqual(remains(text), ['1: 50', '3: 150']);
  });

  test('foreign', () => {
    const text = statusWith({ kind: 'rows_foreign', orders: [77, 78] });
    assert.deepEqual(remains(text), ['1: 50', '2: 100', '3: 150', '77: 50', '78: 50']);
  });

  test('swapped', () => {
    const text = statusWith({ kind: 'rows_swapped' });
    assert.deepEqual(remains(text), ['1: 150', '2: 50', '3: 100']);
  });

  test('a list, with and without ids', () => {
    const bare: unknown[] = JSON.parse(statusWith({ kind: 'rows_list' }));
    assert.deepEqual([Array.isArray(bare), bare.length], [true, 3]);
    const rows: unknown[] = JSON.parse(statusWith({ kind: 'rows_list', idField: 'order' }));
    assert.deepEqual(
      rows.map((row) => Reflect.get(Object(row), 'order')),
      [1, 2, 3],
    );
  });

  test('texts', () => {
    const rows: unknown = JSON.parse(statusWith({ kind: 'rows_bare', orders: [2] }));
    assert.equal(Reflect.get(Object(rows), '2'), 'Incorrect order ID');
    assert.equal(statusWith({ kind: 'rows_bare', text: 'x' }), '{"1":"x","2":"x","3":"x"}');
  });

  test('fields: unknown words, remains of every kind', () => {
    for (const fields of [
      { status: 'Telepathy' },
      { remains: '-5' },
      { remains: 100_000 },
      { remains: 'Unknown' },
      { charge: null, start_count: '' },
    ]) {
      const rows = read(statusWith({ kind: 'rows_fields', fields, orders: [3] }));
      assert.deepEqual(rows['3'], { ...rows['3'], ...fields });
      assert.equal(rows['1']?.status, 'In progress');
      const single: unknown = JSON.parse(statusWith({ kind: 'rows_fields', fields }, '1'));
      assert.deepEqual(single, { ...Object(single), ...fields });
    }
  });

  test('back to Pending with all to come', () => {
    const rows = read(statusWith({ kind: 'rows_regress', orders: [2] }));
    assert.deepEqual([rows['2']?.status, rows['2']?.remains], ['Pending', '200']);
    assert.equal(rows['1']?.status, 'In progress');
    const single: unknown = JSON.parse(statusWith({ kind: 'rows_regress' }, '3'));
    assert.equal(Reflect.get(Object(single), 'remains'), '300');
  });

  test('keys of Object itself', () => {
    const text = statusWith({ kind: 'rows_proto' });
    assert.match(text, /^{"__proto__":{"status":"Completed"/);
    assert.match(text, /"1":{"__proto__":{/);
    assert.deepEqual(Object.keys(read(text)).sort(), [
      '1',
      '2',
      '3',
      '__proto__',
      'constructor',
      'toString',
    ]);
  });
});

describe('lists of services', () => {
  const { sandbox, ask } = open();
  const listOf = (name: (typeof catalogNames)[number] | undefined) => {
    sandbox.serveCatalog(name);
    return ask({ action: 'services' });
  };

  test('are broken or odd as their names say', () => {
    const good = listOf(undefined);
    const texts = catalogNames.map(listOf);
    assert.equal(new Set([good, ...texts]).size, catalogNames.length + 1);
    assert.match(listOf('binary_noise'), /"rate":0\.30000000000000004/);
    assert.match(listOf('flags_number_text'), /"dripfeed":"1"/);
    assert.doesNotMatch(listOf('flags_missing'), /dripfeed|refill|cancel/);
    assert.match(listOf('proto_keys'), /"__proto__":/);
    assert.match(listOf('services_object'), /^{"services":\[/);
    assert.equal(listOf('empty_body'), '');
    assert.throws(() => JSON.parse(listOf('cut_json')), SyntaxError);
    assert.equal(listOf(undefined), good);
  });

  test('can be 4 MB of 10,000 services', () => {
    const text = listOf('huge');
    assert(Buffer.byteLength(text) > 4_000_000);
    const rows: unknown = JSON.parse(text);
    assert(Array.isArray(rows) && rows.length === 10_000);
  });

  test('change when the shop does, and orders keep their terms', () => {
    const panel = open();
    panel.add();
    const [service] = JSON.parse(panel.ask({ action: 'services' }));
    panel.sandbox.setServices([{ ...service, min: 1, max: 10, rate: '5', cancel: false }]);
    assert.match(panel.ask({ action: 'services' }), /^\[{"service":1,.*"rate":"5\.00"/);
    assert.match(panel.add(), /Quantity more than maximum 10/);
    assert.match(panel.ask({ action: 'cancel', order: 1 }), /"cancel":1/);
  });
});
