import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CategoryId, rate, type ServiceId } from '../src/base/index.ts';
import { moveServices, updateService } from '../src/catalog/index.ts';
import { readSourced, updateSourced } from '../src/catalog/sync-rows.ts';
import { inTransaction } from '../src/db/index.ts';
import { whileHeld } from './delivery/processes.ts';
import { makeService, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';
import { importRows, listedRow } from './listings.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

const service = (id: ServiceId) => `select from services where id = ${id} for no key update`;

test('services that follow a provider are locked by id, in whatever order', async () => {
  const { providerId, serviceIds } = await importRows(panel, [listedRow(1), listedRow(2)]);
  const [first, second] = serviceIds;
  assert(first !== undefined && second !== undefined);
  // Its row is the last one of the table now.
  await panel.owner.sql`update services set position = position where id = ${first}`;
  const update = () =>
    inTransaction(panel.app.db, async (tx) => {
      const read = await readSourced(tx, providerId, { only: serviceIds });
      const updates = read.map((row) => ({ ...row, after: { ...row, rate: rate(7n) } })).reverse();
      assert.equal((await updateSourced(tx, updates)).size, 2);
    });
  await whileHeld(panel, { held: service(first), work: update, free: service(second) });
});

test('a service that moves to a new category waits for that first', async () => {
  const serviceId = await makeService(panel, { rate: '1' });
  await whileHeld(panel, {
    held: `insert into categories (name, position) values ('Fresh', 99)`,
    work: () => updateService(panel.app, staff, { serviceId, changes: { category: 'Fresh' } }),
    free: service(serviceId),
  });
});

test('while services are moved to a category, others can refer to it', async () => {
  const serviceId = await makeService(panel, { rate: '1' });
  const [row] = await panel.owner.sql<{ id: CategoryId }[]>`
    insert into categories (name, position) values ('Full', 98) returning id`;
  assert(row !== undefined);
  const move = { serviceIds: [serviceId], category: { id: row.id }, beforeId: null };
  await whileHeld(panel, {
    held: service(serviceId),
    work: () => moveServices(panel.app, staff, move),
    free: `select from categories where id = ${row.id} for key share`,
  });
});
