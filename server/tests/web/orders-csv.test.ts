import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeService } from '../factories.ts';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { makeWebCustomer, type WebCustomer } from './customers.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

async function download(who: WebCustomer, query = ''): Promise<Response> {
  const cookie = [...who.visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return fetch(`${panel.url}/api/customer/orders.csv?${query}`, { headers: { cookie } });
}

async function linesOf(response: Response): Promise<string[]> {
  return (await response.text()).split('\r\n').filter((line) => line !== '');
}

const head =
  'order,created,service,service_name,kind,status,link,quantity,start_count,remains,charge,' +
  'refunded,parent';

test('the file has every order of the filter once, over many batches', async () => {
  const who = await makeWebCustomer(panel);
  const service = await makeService(panel, { name: 'Likes, "real"' });
  const count = 2_500;
  await panel.owner.sql`
    insert into orders (customer_id, id, service_id, type, kind, status, link, quantity, charge,
      remains, created_at, updated_at, completed_at)
    select ${who.customerId}::int, 1000 + n, ${service}::int, 'Default', 'single',
      case when n % 5 = 0 then 'Completed' else 'Pending' end, 'https://example.com/' || n, 100,
      9000000, 100, now(), now(), case when n % 5 = 0 then now() end
    from generate_series(1, ${count}::int) n`;
  const response = await download(who);
  assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
  assert.match(response.headers.get('content-disposition') ?? '', /^attachment; filename=/);
  const bytes = new Uint8Array(await response.clone().arrayBuffer());
  assert.deepEqual([...bytes.slice(0, 3)], [0xef, 0xbb, 0xbf], 'so that Excel reads it as UTF-8');
  const [first, ...lines] = await linesOf(response);
  assert.equal(first, head);
  const ids = lines.map((line) => Number(line.split(',')[0]));
  const expected = Array.from({ length: count }, (_, index) => 1_000 + count - index);
  assert.deepEqual(ids, expected);
  assert.match(
    lines[0] ?? '',
    /^3500,[^,]+,\d+,"Likes, ""real""",single,Completed,https:[^,]+\/2500,100,,100,0.09,0.00,$/,
  );
  const done = await linesOf(await download(who, 'status=Completed'));
  assert.equal(done.length, 1 + count / 5);
});

test('no cell of it is a formula to the program that opens it', async () => {
  const who = await makeWebCustomer(panel);
  const service = await makeService(panel, { name: '=HYPERLINK("https://evil.example")' });
  for (const link of ['=1+1', '+1+1', '-1+1', '@SUM(1)', '＝1+1', 'https://example.com/=1']) {
    await who.tell('/orders', { service, fields: { link, quantity: '100' } });
  }
  const [, ...lines] = await linesOf(await download(who));
  const cells = lines.map((line) => line.split(','));
  assert.deepEqual(
    cells.map((line) => line[6]),
    ['https://example.com/=1', "'＝1+1", "'@SUM(1)", "'-1+1", "'+1+1", "'=1+1"],
  );
  for (const line of cells) assert.equal(line[3], '"\'=HYPERLINK(""https://evil.example"")"');
});
