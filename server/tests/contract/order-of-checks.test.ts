import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseAmount } from '../../src/base/index.ts';
import type { ServiceType } from '../../src/catalog/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { link, refusal } from './wire.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

type Fields = Record<string, string | number>;
/** What is refused now, and the values that mend it. */
type Step = { refused: string; mend: (world: { key: string; service: number }) => Fields };

const allWrong: Fields = { key: 'wrong', action: 'nothing', service: '0', link: '\u0001' };
const duplicate = 'You have active order with this link. Please wait until order being completed.';

const opening: Step[] = [
  { refused: 'Invalid API key', mend: ({ key }) => ({ key }) },
  { refused: 'Incorrect request', mend: () => ({ action: 'add' }) },
  { refused: 'Incorrect service ID', mend: ({ service }) => ({ service }) },
  { refused: 'Bad link', mend: () => ({ link }) },
];
const counting: Step[] = [
  { refused: 'Incorrect quantity', mend: () => ({ quantity: 1 }) },
  { refused: 'Quantity less than minimal 50', mend: () => ({ quantity: 10_001 }) },
  { refused: 'Quantity more than maximum 10000', mend: () => ({ quantity: 10_000 }) },
];
const closing: Step[] = [
  { refused: 'Incorrect request_id', mend: () => ({ request_id: 'r' }) },
  { refused: duplicate, mend: () => ({ link: `${link}/other` }) },
];

const journeys: { type: ServiceType; wrong: Fields; steps: Step[] }[] = [
  {
    type: 'Default',
    wrong: { quantity: 'x', runs: 'x', interval: '-1' },
    steps: [
      ...counting,
      { refused: 'Incorrect runs', mend: () => ({ runs: 2 }) },
      { refused: 'Incorrect interval', mend: () => ({ interval: 5 }) },
    ],
  },
  {
    type: 'Mentions with Hashtags',
    wrong: { quantity: 'x', usernames: ' , ', hashtags: '\n' },
    steps: [
      ...counting,
      { refused: 'Incorrect usernames', mend: () => ({ usernames: 'anna' }) },
      { refused: 'Incorrect hashtags', mend: () => ({ hashtags: 'tag' }) },
    ],
  },
  {
    type: 'Web Traffic',
    wrong: { quantity: 'x', country: '', device: 9, type_of_traffic: 9, runs: 'x', interval: 'x' },
    steps: [
      ...counting,
      { refused: 'Incorrect country', mend: () => ({ country: 'US' }) },
      { refused: 'Incorrect device', mend: () => ({ device: 1 }) },
      { refused: 'Incorrect type_of_traffic', mend: () => ({ type_of_traffic: 1 }) },
      { refused: 'Incorrect google_keyword', mend: () => ({ google_keyword: 'shoes' }) },
      { refused: 'Incorrect runs', mend: () => ({ runs: 2 }) },
      { refused: 'Incorrect interval', mend: () => ({ interval: 5 }) },
    ],
  },
];

for (const { type, wrong, steps } of journeys) {
  test(`${type}: mending one thing at a time shows the next refusal`, async () => {
    const dripfeed = type !== 'Mentions with Hashtags';
    const service = await makeService(panel, { type, dripfeed, denyDuplicates: true, rate: '10' });
    const { key, customerId } = await makeCustomer(panel, { funds: '100' });
    // The dearest order costs 100 or 200, and 50 pieces are spent when funds are looked at.
    let fields: Fields = { ...allWrong, ...wrong, request_id: 'é' };
    for (const { refused, mend } of [...opening, ...steps, ...closing]) {
      assert.equal(await panel.callText(fields), refusal(refused), JSON.stringify(fields));
      fields = { ...fields, ...mend({ key, service }) };
      if (refused === 'Bad link') await occupy({ type, service, key });
    }
    assert.equal(await panel.callText(fields), refusal('Not enough funds on balance'));
    const creditLimit = parseAmount('200', 'credit limit');
    await updateCustomer(panel.app, staff, { customerId, changes: { creditLimit } });
    assert.match(await panel.callText(fields), /^\{"order":[0-9]+\}$/);
    await panel.verify();
  });
}

/** A running order on the link, so that a second one is refused. */
async function occupy(input: { type: ServiceType; service: number; key: string }): Promise<void> {
  const { service, key } = input;
  const extra = { usernames: 'a', hashtags: 'b', country: 'US', device: 1, type_of_traffic: 3 };
  const placed = await panel.callText({
    key,
    action: 'add',
    service,
    link,
    quantity: 50,
    ...extra,
  });
  assert.match(placed, /^\{"order":/);
}
