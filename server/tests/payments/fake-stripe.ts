import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the fake answers the next requests. */
export type StripeFault = 'none' | 'error' | 'refused' | 'hang' | 'reset' | 'html' | 'redirect';

type SessionStatus = 'open' | 'complete' | 'expired';

export type FakeStripe = {
  url: string;
  /** What it was asked, in order. */
  requests: { path: string; fields: URLSearchParams; idempotencyKey: string; key: string }[];
  setFault: (fault: StripeFault) => void;
  /** What became of a session: paid, or over. */
  setStatus: (sessionId: string, status: SessionStatus) => void;
  stop: () => Promise<void>;
};

/**
 * A Stripe on this machine that starts sessions of Checkout, one for each idempotency key, tells of
 * them, and ends them, as the real one does. `/pay/` is where its customers pay.
 */
export async function startFakeStripe(): Promise<FakeStripe> {
  let fault: StripeFault = 'none';
  const requests: FakeStripe['requests'] = [];
  const statuses = new Map<string, SessionStatus>();
  const server = createServer((request, response) => {
    void readFields(request).then((fields) => {
      const idempotencyKey = String(request.headers['idempotency-key'] ?? '');
      const key = String(request.headers.authorization ?? '');
      const path = request.url ?? '';
      requests.push({ path, fields, idempotencyKey, key });
      if (path.startsWith('/pay/')) return response.end(payPage);
      const [, known, verb] = /\/sessions\/([^/?]+)(\/expire)?/.exec(path) ?? [];
      const id = known ?? `cs_test_${fields.get('client_reference_id')}`;
      if (verb !== undefined) statuses.set(id, 'expired');
      const status = statuses.get(id) ?? 'open';
      const url = status === 'open' ? `http://${request.headers.host}/pay/${id}` : null;
      return answer(response, fault, { id, object: 'checkout.session', status, url });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    setStatus: (sessionId, status) => {
      statuses.set(sessionId, status);
    },
    setFault: (next) => {
      fault = next;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readFields(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

const payPage = '<!DOCTYPE html><title>Pay</title><h1>Pay here</h1>';

function answer(response: ServerResponse, fault: StripeFault, session: object): void {
  const message = 'Invalid API Key provided: sk_test_canary_9f31c2';
  const replies: Record<StripeFault, () => void> = {
    none: () => json(response, 200, session),
    error: () => json(response, 500, { error: { type: 'api_error', message } }),
    refused: () => json(response, 401, { error: { type: 'invalid_request_error', message } }),
    hang: () => {},
    reset: () => response.destroy(),
    html: () => response.end('<html>busy</html>'),
    redirect: () => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
  };
  replies[fault]();
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
