import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { fakeClock } from '../base/index.ts';
import { addsOf, createSandbox, type Sandbox, type ServedSandbox, serveSandbox } from './index.ts';

// Each fault as a raw client sees it: what was sent, and what is in the journal.

const key = 'sandbox-key';
const adding = { action: 'add', service: '1', link: 'https://example.com', quantity: '100' };
const json = 'application/json; charset=UTF-8';
let sandbox: Sandbox;
let served: ServedSandbox;

before(async () => {
  sandbox = createSandbox({ key, clock: fakeClock(new Date('2026-01-01T00:00:00Z')) });
  served = await serveSandbox(sandbox, { host: '127.0.0.1', port: 0 });
});
after(() => served.stop());
beforeEach(() => sandbox.clearFaults());

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** One call on a connection of its own. Rejects when there is no whole reply. */
function call(fields: Record<string, string> = adding): Promise<Answer> {
  const body = new URLSearchParams({ key, ...fields }).toString();
  return new Promise((resolve, reject) => {
    const sent = request(served.url, {
      method: 'POST',
      agent: false,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: Buffer.concat(chunks) });
      });
    });
    sent.end(body);
  });
}

/** A call by hand: all bytes that came until the connection ended, and how it ended. */
async function rawCall(): Promise<{ bytes: Buffer; error: string | undefined }> {
  const { hostname, port } = new URL(served.url);
  const body = new URLSearchParams({ key, ...adding }).toString();
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  let error: string | undefined;
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', (cause: NodeJS.ErrnoException) => {
    error = cause.code;
  });
  socket.write(
    'POST /api/v2 HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  await new Promise<void>((resolve) => socket.on('close', () => resolve()));
  return { bytes: Buffer.concat(chunks), error };
}

const added = () => addsOf(sandbox.journal()).length;
const reset = { code: 'ECONNRESET' };

/** Runs `work` and answers how many orders it created. */
async function addsDuring(work: () => Promise<unknown>): Promise<number> {
  const earlier = added();
  await work();
  return added() - earlier;
}

test('without a fault a call is answered as panels answer', async () => {
  const { status, headers, body } = await call();
  assert.equal(status, 200);
  assert.equal(headers['content-type'], json);
  assert.match(body.toString(), /^{"order":[0-9]+}$/);
});

test('a body of JSON, lists in brackets and a query are read too', async () => {
  const ask = async (query: string, init: RequestInit) =>
    (await fetch(`${served.url}${query}`, init)).text();
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ key, action: 'status', orders: [7001, '7002'] });
  const incorrect = '{"error":"Incorrect order ID"}';
  const both = `{"7001":${incorrect},"7002":${incorrect}}`;
  assert.equal(await ask('', { method: 'POST', headers, body }), both);
  const form = `key=${key}&action=status&orders[]=7001&orders[]=7002`;
  assert.equal(await ask('/', { method: 'POST', body: new URLSearchParams(form) }), both);
  assert.equal(await ask(`?${form}`, {}), both);
});

test('500, HTML, empty and half of the JSON, after the order was made', async () => {
  const seen: string[] = [];
  const made = await addsDuring(async () => {
    sandbox.script(
      { kind: 'accept_then_500' },
      { kind: 'accept_then_html', status: 502 },
      { kind: 'accept_then_empty' },
      { kind: 'accept_then_cut_json' },
    );
    for (let index = 0; index < 4; index += 1) {
      const { status, body } = await call();
      seen.push(`${status} ${body.toString().slice(0, 9)}`);
    }
  });
  assert.deepEqual(seen, ['500 {"error":', '502 <!DOCTYPE', '200 ', '200 {"ord']);
  assert.equal(made, 4);
});

test('500, HTML, refusals and 429, and nothing made', async () => {
  const made = await addsDuring(async () => {
    sandbox.script(
      { kind: 'error_500' },
      { kind: 'html' },
      { kind: 'refuse', error: 'neworder.error.link_duplicate' },
      { kind: 'rate_limit', retryAfter: '7' },
      { kind: 'answer', status: 201, body: '{"errors":["x"]}' },
    );
    assert.equal((await call()).status, 500);
    assert.equal((await call()).headers['content-type'], 'text/html; charset=UTF-8');
    assert.equal((await call()).body.toString(), '{"error":"neworder.error.link_duplicate"}');
    const { status, headers } = await call();
    assert.deepEqual([status, headers['retry-after']], [429, '7']);
    assert.equal((await call()).status, 201);
  });
  assert.equal(made, 0);
});

test('a redirect after the order was made; what follows it is noted and does nothing', async () => {
  const made = await addsDuring(async () => {
    sandbox.script({ kind: 'accept_then_redirect', status: 307 });
    const { status, headers } = await call();
    assert.deepEqual([status, headers.location], [307, '/redirected']);
    const followed = await fetch(new URL('/redirected', served.url), {
      method: 'POST',
      body: new URLSearchParams({ key, ...adding }),
    });
    assert.equal(followed.status, 404);
  });
  assert.equal(made, 1);
  const last = sandbox.calls().at(-1);
  assert.deepEqual([last?.path, last?.action, last?.fault], ['/redirected', 'add', undefined]);
});

test('another answer to an order that was made, and the id of another order', async () => {
  const made = await addsDuring(async () => {
    sandbox.script({
      kind: 'accept_then_answer',
      status: 201,
      body: '{"status":"success","order":"{order}"}',
    });
    const { status, body } = await call();
    const last = addsOf(sandbox.journal()).at(-1)?.order;
    assert.equal(status, 201);
    assert.equal(body.toString(), `{"status":"success","order":"${last}"}`);
    sandbox.script({ kind: 'duplicate_id' }, { kind: 'duplicate_id', order: 1 });
    assert.equal((await call()).body.toString(), `{"order":${last}}`);
    assert.equal((await call()).body.toString(), '{"order":1}');
  });
  assert.equal(made, 3);
});

test('a reset after the order was made, and one before', async () => {
  const made = await addsDuring(async () => {
    sandbox.script({ kind: 'accept_then_reset' });
    await assert.rejects(call(), reset);
  });
  assert.equal(made, 1);
  const without = await addsDuring(async () => {
    sandbox.script({ kind: 'reset', on: { action: 'add' } });
    await assert.rejects(call(), reset);
  });
  assert.equal(without, 0);
});

test('a reset before the request is read leaves no trace of it', async () => {
  const calls = sandbox.calls().length;
  sandbox.script({ kind: 'reset' });
  const { bytes, error } = await rawCall();
  assert.deepEqual([bytes.length, error], [0, 'ECONNRESET']);
  assert.equal(sandbox.calls().length, calls);
});

test('a reset after so many bytes of the reply, and no byte more', async () => {
  for (const bytes of [0, 1, 40, 90]) {
    const made = await addsDuring(async () => {
      sandbox.script({ kind: 'reset_after', bytes });
      const came = await rawCall();
      assert.equal(came.bytes.length, bytes);
      assert(came.bytes.length === 0 || came.bytes.toString().startsWith('H'));
      assert.equal(came.error, 'ECONNRESET');
    });
    assert.equal(made, 1);
  }
});

test('a held reply is sent as it was made when it is released', async () => {
  sandbox.script({ kind: 'accept_then_hang' });
  const waiting = call();
  await served.untilHeld(1);
  const order = addsOf(sandbox.journal()).at(-1)?.order;
  await call();
  assert.equal(served.release(), 1);
  assert.equal((await waiting).body.toString(), `{"order":${order}}`);
  assert.equal(served.held(), 0);
});

test('held replies can be sent in another order than they were made in', async () => {
  sandbox.script({ kind: 'accept_then_hang', times: 2 });
  const first = call();
  await served.untilHeld(1);
  const second = call();
  await served.untilHeld(2);
  const orders = addsOf(sandbox.journal()).map((entry) => entry.order);
  assert.equal(served.release('as_made', 1), 1);
  assert.equal((await second).body.toString(), `{"order":${orders.at(-1)}}`);
  assert.equal(served.held(), 1);
  assert.equal(served.release('as_made', 0), 1);
  assert.equal((await first).body.toString(), `{"order":${orders.at(-2)}}`);
});

test('a held reply can be reset, and what hung unaccepted always is', async () => {
  sandbox.script({ kind: 'accept_then_hang' }, { kind: 'hang' });
  const made = await addsDuring(async () => {
    const calls = [call(), call()];
    await served.untilHeld(2);
    assert.equal(served.release('reset'), 2);
    for (const waiting of calls) await assert.rejects(waiting, reset);
  });
  assert.equal(made, 1);
  sandbox.script({ kind: 'hang' });
  const waiting = call();
  await served.untilHeld(1);
  served.release();
  await assert.rejects(waiting, reset);
});

test('a held reply whose caller left is forgotten', async () => {
  sandbox.script({ kind: 'accept_then_hang' });
  const { hostname, port } = new URL(served.url);
  const socket = connect(Number(port), hostname);
  const body = new URLSearchParams({ key, ...adding }).toString();
  socket.write(`POST /api/v2 HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await served.untilHeld(1);
  socket.destroy();
  await once(socket, 'close');
  await served.untilHeld(0);
});

test('a slow drip brings the whole reply', async () => {
  sandbox.script({ kind: 'slow_drip', everyMs: 1, paddingBytes: 20 });
  const { body } = await call();
  assert.match(body.toString(), /^ {20}{"order":[0-9]+}$/);
});

test('an endless body goes on until the caller leaves', async () => {
  sandbox.script({ kind: 'endless_body' });
  const { hostname, port } = new URL(served.url);
  const socket = connect(Number(port), hostname);
  socket.write('POST /api/v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  let bytes = 0;
  for await (const chunk of socket) {
    bytes += chunk.length;
    if (bytes > 10_000_000) break;
  }
  assert(bytes > 10_000_000);
  socket.destroy();
});

test('a gzip bomb is small on the wire', async () => {
  sandbox.script({ kind: 'gzip_bomb', bytes: 32 * 1024 * 1024 });
  const { headers, body } = await call();
  assert.equal(headers['content-encoding'], 'gzip');
  assert(body.length < 100_000);
  assert.equal(gunzipSync(body).length, 32 * 1024 * 1024);
});

test('an oversized reply is JSON behind white space', async () => {
  sandbox.script({ kind: 'oversize', bytes: 1_000_000 });
  const { body } = await call();
  assert(body.length > 1_000_000);
  assert.deepEqual(Object.keys(JSON.parse(body.toString())), ['order']);
});
