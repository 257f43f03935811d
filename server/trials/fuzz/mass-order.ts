import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkMassOrder, placeMassOrder } from '../../src/orders/index.ts';
import { openTestPanel } from '../../tests/harness.ts';
import { createBooks } from './books.ts';
import { askedOf, exactCharge, type Offer } from './charges.ts';
import { makeCallers, stock } from './panel.ts';
import { createTarget, type Target } from './target.ts';
import { oddNumber, oddText } from './texts.ts';

const batch = 400;
/** So many of the lines of a text are placed, too; all are checked. */
const placedMax = 60;

const separators = fc.constantFrom('|', ' | ', '\t|\t', '||', '｜', ',', ' ');
const parts = (offers: readonly Offer[]) =>
  fc.tuple(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...offers.map(({ id }) => String(id))) },
      { weight: 1, arbitrary: fc.oneof(oddNumber, oddText) },
    ),
    fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 25 }).map(String) },
      { weight: 1, arbitrary: fc.oneof(oddNumber, oddText) },
    ),
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('https://example.com/a|b', '@x', ' y ', '') },
      { weight: 1, arbitrary: oddText },
    ),
  );

/** Lines of mass orders, checked and placed by a customer with terms of their own. */
export async function openMassOrder(): Promise<Target> {
  const panel = await openTestPanel();
  const offers = await stock(panel);
  const callers = await makeCallers(panel, offers);
  const books = createBooks(panel, offers);
  const caller = callers[1];
  assert(caller !== undefined);
  const actor = { kind: 'customer', customerId: caller.customerId, keyId: null } as const;
  const byId = new Map(offers.map((offer) => [String(offer.id), offer]));
  let sent = 0;

  const lines = fc.oneof(
    { weight: 10, arbitrary: fc.tuple(parts(offers), separators).map(joined) },
    { weight: 1, arbitrary: oddText },
  );

  /** The fields a line means, and what they cost; undefined where it is no order. */
  function chargeOf(line: string): { fields: Map<string, string>; charge: bigint } | undefined {
    const [service = '', quantity = '', ...link] = line.split('|');
    const given = { service, quantity, link: link.join('|') };
    const fields = new Map(Object.entries(given).map(([name, text]) => [name, text.trim()]));
    const offer = byId.get(fields.get('service') ?? '');
    const asked = offer && askedOf(offer, fields);
    if (caller === undefined || offer === undefined || typeof asked !== 'object') return undefined;
    return { fields, charge: exactCharge(offer, caller.terms, asked) };
  }

  return createTarget({
    inputs: lines,
    batch,
    check: async (texts) => {
      const terms = await panel.app.keyring.resolve(caller.key);
      assert(terms !== undefined);
      const checked = await checkMassOrder(panel.app, actor, { terms, lines: texts });
      let total = 0n;
      checked.lines.forEach(({ order, refusal }, at) => {
        if (order === null) assert(refusal !== null);
        else assert.equal(order.charge, chargeOf(texts[at] ?? '')?.charge, texts[at]);
        if (refusal === null) total += order?.charge ?? 0n;
      });
      assert.equal(checked.total, total, 'the total');
      const wanted = texts.slice(0, placedMax).map((text) => {
        sent += 1;
        return { text, requestId: `line-${sent}` };
      });
      const placed = await placeMassOrder(panel.app, actor, { terms, lines: wanted });
      const orders = placed.flatMap((line, at) => {
        if (line === 'unknown') assert.fail(`nobody knows what became of ${wanted[at]?.text}`);
        if (!('orderId' in line)) return [];
        const fields = chargeOf(wanted[at]?.text ?? '')?.fields;
        assert(fields !== undefined, `accepted: ${wanted[at]?.text}`);
        return [{ order: line.orderId, caller, fields, mayRepeat: false }];
      });
      await books.enter(orders);
    },
    finish: async () => {
      await books.check([caller]);
      return books.figures();
    },
    close: () => panel.close(),
  });
}

function joined([texts, separator]: [[string, string, string], string]): string {
  return texts.join(separator);
}
