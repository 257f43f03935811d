import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeService } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
  await makeService(panel, { rate: '1' });
  await panel.owner.sql`insert into blocked_links values ('bad.example')`;
  await panel.owner.sql`
    insert into providers (id, name, url, created_at)
    values (900, 'one', 'https://one.example/api/v2', now())`;
  await panel.owner.sql`
    insert into service_routes (service_id, position, provider_id, external_id)
    select id, 1, 900, '7' from services`;
  await panel.app.catalog.refresh();
});
after(() => panel.close());

test('what has not changed is not read anew: nothing made of it grows stale', async () => {
  const known = panel.app.catalog.current();
  await panel.app.catalog.refresh();
  assert.equal(panel.app.catalog.current(), known);
});

for (const change of [
  `update settings set name = 'Another'`,
  `update settings set show_description = not show_description`,
  `update blocked_links set pattern = 'worse.example'`,
  `update categories set position = position + 1`,
  `update services set rate = rate + 1`,
  `update services set hidden = true`,
  `update service_routes set external_id = '8'`,
  `delete from service_routes`,
]) {
  test(`after ${change} a newer one takes its place`, async () => {
    const known = panel.app.catalog.current();
    await panel.owner.sql.unsafe(change);
    await panel.app.catalog.refresh();
    const { version } = panel.app.catalog.current();
    assert.equal(version, known.version + 1);
  });
}
