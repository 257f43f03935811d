import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dayMs, fakeClock, minuteMs } from '../base/index.ts';
import { addsOf, countAdds, createSandbox, type SandboxOptions } from './index.ts';
import { serviceTypes } from './service-types.ts';

const key = 'sandbox-key';
const link = 'https://example.com/post';
const incorrectOrder = { error: 'Incorrect order ID' };

function open(options: Partial<SandboxOptions> = {}) {
  const clock = fakeClock(new Date('2026-01-01T00:00:00Z'));
  const sandbox = createSandbox({ key, clock, refillWaitMs: 0, ...options });
  const ask = (fields: Record<string, string | number>) =>
    String(sandbox.handle({ key, ...fields }).body);
  const add = (fields: Record<string, string | number> = {}): number => {
    const reply: { order: number } = JSON.parse(
      ask({ action: 'add', service: 1, link, quantity: 100, ...fields }),
    );
    return reply.order;
  };
  const status = (order: number): Record<string, unknown> =>
    JSON.parse(ask({ action: 'status', order }));
  return { sandbox, clock, ask, add, status };
}

describe('the replies, byte for byte', () => {
  test('services', () => {
    const { ask } = open();
    const list = ask({ action: 'services' });
    assert(
      list.startsWith(
        '[{"service":1,"name":"Followers, refilled for 30 days","type":"Default",' +
          '"category":"Social","rate":"0.90","min":"50","max":"10000",' +
          '"dripfeed":true,"refill":true,"cancel":true},',
      ),
      list.slice(0, 300),
    );
    const rows: { type: string }[] = JSON.parse(list);
    const types = new Set(rows.map((row) => row.type));
    assert.deepEqual([...types].sort(), Object.keys(serviceTypes).sort());
  });

  test('add, status, balance', () => {
    const { ask } = open({ firstOrderId: 23501 });
    assert.equal(ask({ action: 'add', service: 1, link, quantity: 100 }), '{"order":23501}');
    const row =
      '{"charge":"0.09","start_count":null,"status":"Pending","remains":"100","currency":"USD"}';
    assert.equal(ask({ action: 'status', order: 23501 }), row);
    assert.equal(
      ask({ action: 'status', orders: '7, 23501,23501' }),
      `{"7":{"error":"Incorrect order ID"},"23501":${row}}`,
    );
    assert.equal(ask({ action: 'balance' }), '{"balance":"999.91","currency":"USD"}');
  });

  test('refill and refill_status', () => {
    const { ask, add, clock } = open();
    add();
    add();
    clock.advance(40_000);
    assert.equal(ask({ action: 'refill', order: 1 }), '{"refill":"1"}');
    assert.equal(
      ask({ action: 'refill', orders: '2,3' }),
      '[{"order":2,"refill":2},{"order":3,"refill":{"error":"Incorrect order ID"}}]',
    );
    assert.equal(ask({ action: 'refill_status', refill: 1 }), '{"status":"Pending"}');
    assert.equal(
      ask({ action: 'refill_status', refills: '1,9' }),
      '[{"refill":1,"status":"Pending"},{"refill":9,"status":{"error":"Refill not found"}}]',
    );
    assert.equal(ask({ action: 'refill_status', refill: 9 }), '{"error":"Refill not found"}');
  });

  test('cancel', () => {
    const { ask, add } = open();
    add();
    assert.equal(
      ask({ action: 'cancel', orders: '9,1' }),
      '[{"order":9,"cancel":{"error":"Incorrect order ID"}},{"order":1,"cancel":1}]',
    );
    assert.equal(
      ask({ action: 'cancel', order: '1' }),
      '[{"order":1,"cancel":{"error":"Order cancellation request has been sent already"}}]',
    );
  });

  test('refusals', () => {
    const { sandbox, ask } = open();
    const refusal = (fields: Record<string, string | number>) => {
      const reply: { error: string } = JSON.parse(ask(fields));
      assert.deepEqual(Object.keys(reply), ['error']);
      return reply.error;
    };
    const adding = { action: 'add', service: 1, link, quantity: 100 };
    assert.equal(refusal({ action: 'balance', key: 'wrong' }), 'Invalid API key');
    assert.equal(refusal({ action: 'constructor' }), 'Incorrect request');
    assert.equal(refusal({ action: 'status' }), 'Incorrect request');
    assert.equal(refusal({ ...adding, service: 99 }), 'Incorrect service ID');
    assert.equal(refusal({ ...adding, link: '' }), 'Bad link');
    assert.equal(refusal({ ...adding, quantity: '1e3' }), 'Incorrect quantity');
    assert.equal(refusal({ ...adding, quantity: 49 }), 'Quantity less than minimal 50');
    assert.equal(refusal({ ...adding, quantity: 10_001 }), 'Quantity more than maximum 10000');
    assert.equal(refusal({ ...adding, runs: 2 }), 'Incorrect interval');
    assert.equal(refusal({ ...adding, service: 2, runs: 2, interval: 5 }), 'Incorrect runs');
    ask({ ...adding, service: 2 });
    assert.match(refusal({ ...adding, service: 2 }), /^You have active order with this link\./);
    sandbox.setBalance('0.08');
    assert.equal(refusal(adding), 'Not enough funds on balance');
    const ids = Array.from({ length: 101 }, (_, index) => index + 1).join(',');
    assert.equal(refusal({ action: 'status', orders: ids }), 'Maximum 100 orders');
  });
});

describe('delivery', () => {
  test('an order waits, counts down and completes in 40 seconds', () => {
    const { add, status, clock } = open();
    const id = add();
    assert.equal(status(id).status, 'Pending');
    clock.advance(5_000);
    assert.equal(status(id).status, 'In progress');
    assert.match(String(status(id).start_count), /^[0-9]+$/);
    clock.advance(17_500);
    assert.equal(status(id).remains, '50');
    clock.advance(17_500);
    assert.equal(status(id).status, 'Completed');
    assert.equal(status(id).remains, '0');
  });

  test('a scripted Partial keeps its share of the charge and returns the rest', () => {
    const { sandbox, add, ask, status, clock } = open();
    sandbox.plan({ link }, { end: 'Partial', remains: 40, startCount: 7 });
    const id = add();
    clock.advance(40_000);
    assert.deepEqual(status(id), {
      charge: '0.054',
      start_count: '7',
      status: 'Partial',
      remains: '40',
      currency: 'USD',
    });
    assert.match(ask({ action: 'balance' }), /"999\.946"/);
  });

  test('a scripted end of one order comes before that of its service', () => {
    const { sandbox, add, ask, status, clock } = open();
    const [first, second, third] = [add(), add(), add()];
    sandbox.plan({ service: 1 }, { end: 'Canceled' });
    sandbox.plan({ order: second }, { end: 'In progress', remains: 90 });
    sandbox.plan({ order: third }, { end: 'Processing' });
    clock.advance(dayMs);
    assert.equal(status(first).status, 'Canceled');
    assert.equal(status(first).charge, '0.00');
    assert.equal(status(second).status, 'In progress');
    assert.equal(status(second).remains, '90');
    assert.equal(status(third).status, 'Processing');
    assert.match(ask({ action: 'balance' }), /"999\.82"/);
  });

  test('a cancel request takes effect later: whole before the start, partial after it', () => {
    const { add, ask, status, clock } = open();
    const early = add();
    ask({ action: 'cancel', orders: early });
    assert.equal(status(early).status, 'Pending');
    const late = add();
    clock.advance(17_500);
    ask({ action: 'cancel', orders: late });
    clock.advance(5_000);
    assert.equal(status(early).status, 'Canceled');
    assert.equal(status(early).charge, '0.00');
    assert.deepEqual([status(late).status, status(late).remains], ['Partial', '50']);
    assert.equal(status(late).charge, '0.045');
    assert.match(ask({ action: 'balance' }), /"999\.955"/);
  });

  test('an order cancelled before its first piece keeps the start count it had', () => {
    const { add, ask, status, clock } = open();
    const id = add({ service: 4 });
    clock.advance(10_000);
    const { start_count: start } = status(id);
    ask({ action: 'cancel', order: id });
    clock.advance(5_000);
    assert.equal(status(id).status, 'Canceled');
    assert.equal(typeof start, 'string');
    assert.equal(status(id).start_count, start);
  });

  test('a finished order cannot be cancelled, and one that is ignored completes', () => {
    const { sandbox, add, ask, status, clock } = open();
    const ignored = add();
    sandbox.plan({ order: ignored }, { cancel: 'ignored' });
    assert.match(ask({ action: 'cancel', order: ignored }), /"cancel":1/);
    const done = add();
    clock.advance(40_000);
    assert.equal(status(ignored).status, 'Completed');
    assert.match(ask({ action: 'cancel', order: done }), /please raise ticket/);
    assert.match(ask({ action: 'cancel', order: add({ service: 3 }) }), /Do not allow cancel/);
  });

  test('a refill goes from Pending to its end', () => {
    const { sandbox, add, ask, clock } = open();
    const id = add();
    assert.match(ask({ action: 'refill', order: id }), /The order is not completed/);
    clock.advance(40_000);
    ask({ action: 'refill', order: id });
    assert.match(ask({ action: 'refill', order: id }), /The refill task is not completed/);
    const word = () => ask({ action: 'refill_status', refill: 1 });
    clock.advance(10_000);
    assert.equal(word(), '{"status":"In progress"}');
    clock.advance(10_000);
    assert.equal(word(), '{"status":"Completed"}');
    sandbox.plan({ order: id }, { refill: 'Rejected' });
    assert.equal(word(), '{"status":"Rejected"}');
    clock.advance(31 * dayMs);
    assert.match(ask({ action: 'refill', order: id }), /Refill days are over/);
    assert.match(ask({ action: 'refill', order: add({ service: 2 }) }), /Refill is disabled/);
  });

  test('refills wait a day unless told otherwise', () => {
    const { add, ask, clock } = open({ refillWaitMs: dayMs });
    const id = add();
    clock.advance(41_000);
    assert.match(ask({ action: 'refill', order: id }), /less than 24 hours ago/);
    clock.advance(dayMs);
    assert.equal(ask({ action: 'refill', order: id }), '{"refill":"1"}');
  });
});

describe('drip-feeds', () => {
  test('a run is made every interval, and the whole is charged at once', () => {
    const { add, ask, status, clock } = open();
    const id = add({ runs: 3, interval: 10 });
    assert.match(ask({ action: 'balance' }), /"999\.73"/);
    assert.equal(
      ask({ action: 'status', order: id }),
      '{"charge":"0.27","start_count":null,"status":"Active","remains":"300",' +
        '"currency":"USD","runs":1,"orders":[2]}',
    );
    clock.advance(10 * minuteMs);
    const other = add();
    assert.deepEqual(status(id).orders, [2, 3]);
    assert.equal(other, 4);
    clock.advance(365 * dayMs);
    assert.deepEqual(status(id).orders, [2, 3, 5]);
    assert.equal(status(id).status, 'Completed');
    assert.equal(status(5).charge, '0.09');
    assert.match(ask({ action: 'balance' }), /"999\.64"/);
  });

  test('cancelling stops the remaining runs and returns their price', () => {
    const { add, ask, status, clock } = open();
    const id = add({ runs: 3, interval: 10 });
    clock.advance(minuteMs);
    ask({ action: 'cancel', orders: id });
    clock.advance(dayMs);
    const { status: word, remains, runs, charge } = status(id);
    assert.deepEqual([word, remains, runs, charge], ['Partial', '200', 1, '0.09']);
    assert.match(ask({ action: 'balance' }), /"999\.91"/);
  });

  test('a run that ends Partial is returned by its parent', () => {
    const { sandbox, add, ask, status, clock } = open();
    const id = add({ runs: 2, interval: 10 });
    assert.deepEqual(status(id).orders, [2]);
    sandbox.plan({ order: 2 }, { end: 'Partial', remains: 30 });
    clock.advance(dayMs);
    assert.deepEqual([status(id).status, status(id).remains], ['Partial', '30']);
    assert.match(ask({ action: 'balance' }), /"999\.847"/);
  });
});

describe('subscriptions', () => {
  const subscription = { service: 17, username: 'alice', min: 20, max: 30, delay: 5 };

  test('an announced post makes an order after the delay, charged when it is made', () => {
    const { sandbox, add, ask, status, clock } = open();
    const id = add({ ...subscription, posts: 1, expiry: '31/01/2026' });
    assert.equal(
      ask({ action: 'status', order: id }),
      '{"charge":"0.00","start_count":null,"status":"Active","remains":"0",' +
        '"currency":"USD","expiry":"31/01/2026","posts":0,"orders":[]}',
    );
    sandbox.announce(id, 'https://example.com/new');
    assert.deepEqual(status(id).orders, []);
    clock.advance(5 * minuteMs);
    assert.deepEqual(status(id).orders, [2]);
    assert.equal(status(id).status, 'Completed');
    assert.equal(status(2).charge, '0.01');
    assert.match(ask({ action: 'balance' }), /"999\.99"/);
  });

  test('existing posts come on top of the new ones', () => {
    const { sandbox, add, status, clock } = open();
    const id = add({ ...subscription, posts: 1, old_posts: 2 });
    for (const post of [1, 2, 3, 4]) sandbox.announce(id, `https://example.com/old/${post}`);
    clock.advance(5 * minuteMs);
    assert.deepEqual([status(id).status, status(id).orders], ['Completed', [2, 3, 4]]);
  });

  test('it expires, is cancelled, or pauses while there is no balance', () => {
    const { sandbox, add, ask, status, clock } = open();
    const [expiring, canceled] = [add({ ...subscription, expiry: '2/1/2026' }), add(subscription)];
    const waiting = add(subscription);
    ask({ action: 'cancel', orders: canceled });
    sandbox.setBalance('0');
    sandbox.announce(waiting, link);
    clock.advance(5 * minuteMs);
    assert.equal(status(canceled).status, 'Canceled');
    assert.equal(status(waiting).status, 'Paused');
    sandbox.setBalance('1');
    assert.deepEqual(status(waiting).orders, [4]);
    assert.equal(status(waiting).status, 'Active');
    clock.advance(2 * dayMs);
    assert.equal(status(expiring).status, 'Expired');
  });

  test('a panel may answer short rows of parents', () => {
    const { add, ask } = open({ parentRows: 'short' });
    const id = add(subscription);
    assert.equal(
      ask({ action: 'status', order: id }),
      '{"status":"Active","expiry":null,"posts":0,"orders":[]}',
    );
  });
});

const example: Record<string, string> = {
  link,
  quantity: '100',
  comments: 'one\r\ntwo',
  usernames: 'alice,bob\n'.repeat(10),
  hashtags: 'sun,sea',
  keywords: 'shoes',
  groups: 'one\ntwo',
  hashtag: 'sun',
  username: 'alice',
  media: link,
  answer_number: '2',
  country: 'US',
  device: '5',
  type_of_traffic: '3',
  min: '20',
  max: '30',
  delay: '0',
};

test('every service type can be bought, and no required parameter can be left out', () => {
  const { sandbox, ask } = open();
  const rows: { service: number; type: keyof typeof serviceTypes }[] = JSON.parse(
    ask({ action: 'services' }),
  );
  for (const { service, type } of rows) {
    const { required } = serviceTypes[type];
    const params = Object.fromEntries(required.map((name) => [name, example[name] ?? '']));
    for (const name of required) {
      const { [name]: _, ...others } = params;
      const refusal = name === 'link' ? 'Bad link' : `Incorrect ${name}`;
      assert.equal(
        ask({ action: 'add', service, ...others }),
        JSON.stringify({ error: refusal }),
        `${type} without ${name}`,
      );
    }
    if (params.link !== undefined) params.link = `${link}/${service}`;
    assert.match(ask({ action: 'add', service, ...params }), /^{"order":[0-9]+}$/, type);
  }
  assert.equal(addsOf(sandbox.journal()).length, rows.length);
  assert.equal(countAdds(sandbox.journal(), 'link').get(`${link}/1`), 1);
});

test('a request id, where a panel has one, makes add idempotent', () => {
  const { sandbox, ask, add } = open({ requestIdField: 'request_id' });
  assert.deepEqual([add({ request_id: 'a' }), add({ request_id: 'a' })], [1, 1]);
  assert.equal(add({ request_id: 'b' }), 2);
  assert.equal(
    ask({ action: 'add', service: 1, link, quantity: 200, request_id: 'a' }),
    '{"error":"request_id was used with other parameters"}',
  );
  assert.equal(countAdds(sandbox.journal(), 'request_id').get('a'), 1);
  const without = open();
  assert.deepEqual([without.add({ request_id: 'a' }), without.add({ request_id: 'a' })], [1, 2]);
});

test('two sandboxes give out the same ids and know nothing of each other', () => {
  const [one, two] = [open({ firstOrderId: 500 }), open({ firstOrderId: 500 })];
  assert.deepEqual([one.add(), one.add(), two.add()], [500, 501, 500]);
  assert.deepEqual(two.status(501), incorrectOrder);
});
