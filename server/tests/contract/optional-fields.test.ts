import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCustomer, makeService } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addOrder, balanceOf, countOrders, link, refusal } from './wire.ts';

let panel: TestPanel;
let customer: Awaited<ReturnType<typeof makeCustomer>>;
before(async () => {
  panel = await openTestPanel();
  customer = await makeCustomer(panel);
});
after(() => panel.close());

type Fields = Record<string, string | number>;

/** Sends each case on top of a good order: a text is the refusal, null means it is taken. */
async function tryEach(good: Fields, cases: readonly [Fields, string | null][]): Promise<void> {
  for (const [fields, text] of cases) {
    const sent = { key: customer.key, action: 'add', ...good, ...fields };
    const reply = await panel.callText(sent);
    if (text === null) assert.match(reply, /^\{"order":[0-9]+\}$/, JSON.stringify(fields));
    else assert.equal(reply, refusal(text), JSON.stringify(fields));
  }
}

test('runs and interval make a drip-feed, within their bounds', async () => {
  const service = await makeService(panel, { min: 5, max: 10, dripfeed: true, rate: '0.01' });
  const badNumbers = ['x', '-1', '1.0', '1e2', '+2', '２'];
  await tryEach({ service, link, quantity: 10 }, [
    [{ runs: 2, interval: 1 }, null],
    [{ runs: 1 }, null],
    [{ runs: 1, interval: 'x' }, null],
    [{ runs: 0, interval: 0 }, null],
    [{ runs: '', interval: '' }, null],
    [{ runs: 'null', interval: 'undefined' }, null],
    [{ interval: 5 }, null],
    [{ runs: 2 }, 'Incorrect interval'],
    [{ runs: 2, interval: 0 }, 'Incorrect interval'],
    [{ runs: 2, interval: 525_601 }, 'Incorrect interval'],
    [{ runs: 10_001, interval: 1 }, 'Incorrect runs'],
    ...badNumbers.map((runs): [Fields, string] => [{ runs, interval: 1 }, 'Incorrect runs']),
    ...badNumbers.map((interval): [Fields, string] => [
      { runs: 2, interval },
      'Incorrect interval',
    ]),
    [{ runs: 2, interval: 1, quantity: 11 }, 'Quantity more than maximum 10'],
    [{ runs: 2, interval: 1, quantity: 4 }, 'Quantity less than minimal 5'],
  ]);
});

test('the bounds hold for one run, and all runs are charged at once', async () => {
  const service = await makeService(panel, { min: 5, max: 10, dripfeed: true, rate: '2' });
  const { key } = await makeCustomer(panel, { funds: '1' });
  const id = await addOrder(panel, { key, service, quantity: 10, runs: 40, interval: 60 });
  assert.equal(await balanceOf(panel, key), '0.20');
  const status = await panel.callText({ key, action: 'status', order: String(id) });
  assert.equal(
    status,
    '{"charge":"0.80","start_count":null,"status":"Active","remains":"400","currency":"USD",' +
      '"runs":0,"orders":[]}',
  );
  const more = { key, action: 'add', service, link, quantity: 10, runs: 11, interval: 60 };
  assert.equal(await panel.callText(more), refusal('Not enough funds on balance'));
});

test('a service without drip-feed refuses runs, whatever its type', async () => {
  const refused: [Fields, string | null][] = [
    [{ runs: 'x' }, 'Incorrect runs'],
    [{ runs: 1 }, 'Incorrect runs'],
    [{ runs: 2, interval: 5 }, 'Incorrect runs'],
    [{ runs: 0 }, null],
    [{ runs: '' }, null],
    [{ interval: 'x' }, null],
  ];
  const poll = await makeService(panel, { type: 'Poll' });
  await tryEach({ service: poll, link, quantity: 50, answer_number: 1 }, refused);
  const aPackage = await makeService(panel, { type: 'Package', min: 1, max: 1 });
  await tryEach({ service: aPackage, link }, refused);
  const posts = await makeService(panel, { type: 'Subscriptions' });
  await tryEach({ service: posts, username: 'anna', min: 50, max: 60, delay: 0 }, [
    ...refused,
    [{ runs: 2, link: '', quantity: 'x' }, 'Incorrect runs'],
  ]);
  const plain = await makeService(panel);
  await tryEach({ service: plain, link, quantity: 50 }, [
    [{ runs: 2, interval: 5 }, 'Incorrect runs'],
    [{ runs: 1 }, 'Incorrect runs'],
    [{ runs: 0 }, null],
    [{ interval: 5 }, null],
  ]);
});

test('web traffic needs what its type of traffic needs', async () => {
  const service = await makeService(panel, { type: 'Web Traffic', rate: '0.01', dripfeed: true });
  const good = { service, link, quantity: 50, country: 'US', device: 1, type_of_traffic: 3 };
  const noReferrer = 'Incorrect referring_url';
  await tryEach(good, [
    ...[1, 2, 3, 4, 5].map((device): [Fields, null] => [{ device }, null]),
    [{ type_of_traffic: 1 }, 'Incorrect google_keyword'],
    [{ type_of_traffic: 1, referring_url: 'https://a.example' }, 'Incorrect google_keyword'],
    [{ type_of_traffic: 1, google_keyword: 'shoes' }, null],
    [{ type_of_traffic: 2 }, noReferrer],
    [{ type_of_traffic: 2, google_keyword: 'shoes' }, noReferrer],
    [{ type_of_traffic: 2, referring_url: 'https://a.example' }, null],
    [{ google_keyword: 'a\u0000b' }, 'Incorrect google_keyword'],
    [{ referring_url: 'a\u0000b' }, noReferrer],
    [{ runs: 3, interval: 10 }, null],
    [{ runs: 3 }, 'Incorrect interval'],
  ]);
});

test('a subscription’s delay is one of the protocol’s minutes', async () => {
  const service = await makeService(panel, { type: 'Subscriptions' });
  const good = { service, username: 'anna', min: 50, max: 60, delay: 0 };
  const delays = [
    0, 5, 10, 15, 20, 30, 40, 50, 60, 90, 120, 150, 180, 210, 240, 270, 300, 360, 420, 480, 540,
    600,
  ];
  const bad = ['', 'x', '1', '25', '601', '-5', '5.0', '660'];
  await tryEach(good, [
    ...delays.map((delay): [Fields, null] => [{ delay }, null]),
    ...bad.map((delay): [Fields, string] => [{ delay }, 'Incorrect delay']),
  ]);
});

test('a subscription’s parameters are each refused by their name', async () => {
  const service = await makeService(panel, { type: 'Subscriptions' });
  const good = { service, username: 'anna', min: 50, max: 10_000, delay: 0 };
  const badCounts = ['x', '-1', '1.5', '2147483648', '1e1'];
  const naming = (name: string, values: readonly string[]) =>
    values.map((value): [Fields, string] => [{ [name]: value }, `Incorrect ${name}`]);
  await tryEach(good, [
    ...naming('username', ['', 'a\nb', 'x'.repeat(2049)]),
    ...naming('min', ['', '0', ...badCounts]),
    ...naming('max', ['', '0', ...badCounts]),
    [{ min: 60, max: 59 }, 'Incorrect max'],
    [{ min: 49 }, 'Quantity less than minimal 50'],
    [{ max: 10_001 }, 'Quantity more than maximum 10000'],
    ...naming('posts', badCounts),
    ...naming('old_posts', badCounts),
    [{ posts: 0 }, null],
    [{ posts: 3, old_posts: 2 }, null],
    [{ old_posts: 0 }, null],
    [{ link: '', quantity: 'ignored' }, null],
  ]);
});

test('an expiry is a day that exists and has not passed', async () => {
  const service = await makeService(panel, { type: 'Subscriptions' });
  const good = { service, username: 'anna', min: 50, max: 60, delay: 0 };
  // The test's clock begins on 1 March 2026.
  const taken = ['01/03/2026', '1/3/2026', '29/02/2028', '31/12/2999'];
  const refused = [
    '28/02/2026',
    '29/02/2027',
    '31/04/2026',
    '00/05/2026',
    '05/00/2026',
    '05/13/2026',
    '2026-12-01',
    '1/5/27',
    '01.05.2026',
    '01/05/2026 10:00',
    'tomorrow',
    '０1/05/2026',
  ];
  await tryEach(good, [
    ...taken.map((expiry): [Fields, null] => [{ expiry }, null]),
    ...refused.map((expiry): [Fields, string] => [{ expiry }, 'Incorrect expiry']),
  ]);
});

test('a subscription charges nothing when it is placed', async () => {
  const service = await makeService(panel, { type: 'Subscriptions' });
  const { key, customerId } = await makeCustomer(panel, { funds: '0' });
  const fields = { service, username: 'anna', min: 50, max: 60, delay: 5, expiry: '31/03/2026' };
  const id = await addOrder(panel, { key, ...fields });
  assert.equal(await balanceOf(panel, key), '0.00');
  assert.equal(await countOrders(panel, customerId), 1);
  assert.equal(
    await panel.callText({ key, action: 'status', order: String(id) }),
    '{"charge":"0.00","start_count":null,"status":"Active","remains":"0","currency":"USD",' +
      '"expiry":"31/03/2026","posts":0,"orders":[]}',
  );
  await panel.verify();
});
