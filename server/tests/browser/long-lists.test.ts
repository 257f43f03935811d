import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeService } from '../factories.ts';
import { makeWebCustomer } from '../web/customers.ts';
import { openMember } from '../web/members.ts';
import { skip } from './chromium.ts';
import { openStage, type Stage, settle } from './stage.ts';

const categories = 8;
const servicesEach = 50;

let stage: Stage;
before(async () => {
  if (skip) return;
  stage = await openStage();
  const first = await makeService(stage.panel, { name: 'Service 1000', category: 'Category 1' });
  await stage.panel.owner.sql`
    with made as (
      insert into categories (name, position)
      select 'Category ' || n, n from generate_series(2, ${categories}::int) n returning id)
    insert into services (name, category_id, type, rate, min, max, position)
    select 'Service ' || 1000 + row_number() over (order by c.id, n), c.id,
      'Default', 90000, 10, 10000, n
    from (select id from made union all select category_id from services where id = ${first}) c,
      generate_series(1, ${servicesEach}::int) n`;
  await stage.panel.app.catalog.refresh();
});
after(async () => {
  if (!skip) await stage.close();
});

test('of a catalog that is open as a whole only what is near the screen is drawn', {
  skip,
}, async () => {
  const { visitor } = await openMember(stage.panel);
  await stage.visit({ as: visitor, path: '/admin/services' }, async (page) => {
    await page.getByRole('button', { name: 'Open all' }).click();
    const rows = page.getByRole('main').locator('tbody tr');
    const last = page.getByRole('table', { name: `Category ${categories}` });
    await rows.first().waitFor();
    const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
    for (let top = 0; top < height; top += 1_500) {
      await page.evaluate(`scrollTo(0, ${top})`);
      await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))');
    }
    await last.waitFor();
    const drawn = await rows.count();
    assert(drawn <= 4 * servicesEach, `${drawn} rows are drawn`);
    await page.getByRole('searchbox').fill('Service 1007');
    await page.getByText('Service 1007').first().waitFor();
    await last.waitFor({ state: 'detached' });
  });
});

test('what is searched for is found in a price list of which a part is shown', {
  skip,
}, async () => {
  const { visitor } = await makeWebCustomer(stage.panel);
  await stage.visit({ as: visitor, path: '/services' }, async (page) => {
    await settle(page);
    const rows = page.getByRole('main').locator('tbody tr');
    assert.equal(await rows.count(), 101);
    const more = page.getByRole('button', { name: 'Show more' });
    // Rows that come near the screen are laid out, and move the button: not while it is pressed.
    await more.scrollIntoViewIfNeeded();
    await settle(page);
    await more.click();
    await rows.nth(200).waitFor({ state: 'attached' });
    // What was opened stays open when the list is another, as it is with a favourite more.
    await page.getByRole('button', { name: 'Add to favourites' }).first().click();
    await page.getByRole('button', { name: 'Remove from favourites' }).waitFor();
    assert(await rows.nth(200).isVisible());
    // Rows far from the screen are not painted, and still there for who has the page read to them.
    const [name = ''] = /Service \d+/.exec((await rows.nth(199).textContent()) ?? '') ?? [];
    await page.getByRole('row', { name }).waitFor({ state: 'attached' });
    await page.getByRole('searchbox').fill('Service 1399');
    await page.getByRole('row', { name: 'Service 1399' }).waitFor();
    assert.equal(await rows.count(), 1);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: 'Show more' }).waitFor();
    assert((await rows.count()) <= 150, 'it begins anew');
  });
});
