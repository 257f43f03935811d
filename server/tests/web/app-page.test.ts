import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

async function ask(path: string, accept: string) {
  const answer = await fetch(`${panel.url}${path}`, { headers: { accept } });
  return { status: answer.status, text: await answer.text() };
}

test('who does not ask for JSON gets the app, whatever they accept', async () => {
  for (const path of ['/', '/orders', '/admin/orders/1', '/nothing']) {
    for (const accept of ['*/*', browser, 'text/*', 'application/json;q=0.5,text/html']) {
      const { status, text } = await ask(path, accept);
      assert.equal(status, 200, `${path} ${accept}`);
      assert.match(text, /<div id="root">/, `${path} ${accept}`);
    }
  }
});

test('a file that is not there is found by nobody; a browser shows the app', async () => {
  for (const path of ['/favicon.ico', '/.env', '/.git/config']) {
    assert.equal((await ask(path, '*/*')).status, 404, path);
    assert.match((await ask(path, browser)).text, /<div id="root">/, path);
  }
});

test('who asks for JSON, or for something below /api, is told when it is not there', async () => {
  const notFound = { status: 404, text: '{"error":"Not found"}' };
  for (const accept of ['application/json', 'application/json, text/plain, */*']) {
    assert.deepEqual(await ask('/nothing', accept), notFound, accept);
  }
  for (const accept of ['*/*', browser, 'application/json']) {
    assert.deepEqual(await ask('/api/nothing', accept), notFound, accept);
  }
});
