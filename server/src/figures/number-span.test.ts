import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { makeCustomer, makeService } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { dayMs } from '../base/index.ts';
import { findNumberSpan } from './number-span.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

const day = (count: number) => new Date(Date.UTC(2026, 2, 1 + count));

test('the orders of a day are between its numbers, and of other days only near ones', async () => {
  const { db } = panel.app;
  const none = await findNumberSpan(db, { from: day(0), to: day(1) });
  assert.deepEqual(none, { first: 0n, last: 0n });
  // Of a day without orders there is nothing, and numbers leave gaps, as after a restore.
  const numbers = [
    [10_000_000n, 10_400_000n],
    [],
    [20_000_000n],
    [30_000_000n, 30_000_001n, 39_000_000n],
  ];
  const { customerId } = await makeCustomer(panel);
  const service = await makeService(panel, {});
  for (const [index, ids] of numbers.entries()) {
    for (const [place, id] of ids.entries()) {
      const at = new Date(day(index).getTime() + (place * dayMs) / ids.length);
      await sql`
        insert into orders (customer_id, id, service_id, type, kind, status, link, quantity,
          charge, remains, created_at, updated_at)
        values (${customerId}, ${id.toString()}::bigint, ${service}, 'Default', 'single', 'Pending',
          'x', 1, 0, 1, ${at}, ${at})`.execute(db);
    }
  }
  const apart = 50_000n;
  for (const [index, ids] of numbers.entries()) {
    const { first, last } = await findNumberSpan(db, { from: day(index), to: day(index + 1) });
    for (const id of ids) assert(first <= id && id <= last, `${id} of day ${index}`);
    const earlier = numbers.slice(0, index).flat().at(-1) ?? 0n;
    const later = numbers.slice(index + 1).flat()[0] ?? earlier + 100_000_000n;
    assert(
      first >= earlier - apart && last <= later + apart,
      `${first} to ${last} of day ${index}`,
    );
  }
});
