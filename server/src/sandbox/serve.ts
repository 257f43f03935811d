import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runControl } from './control.ts';
import { readBody } from './fields.ts';
import { plainReply } from './replies.ts';
import type { Sandbox } from './sandbox.ts';
import { createHeldReplies, type HeldReplies, sendReply } from './send.ts';

export type ServeOptions = {
  host: string;
  /** 0: one that is free. */
  port: number;
  /** Lets this machine control the sandbox at `/control`. Default: nobody can. */
  controlToken?: string;
  /** Moves the clock at `/control`. */
  setNow?: (now: Date | undefined) => void;
};

export type ServedSandbox = HeldReplies & {
  /** Of the API: `http://127.0.0.1:1234/api/v2`. */
  url: string;
  controlUrl: string;
  /** Drops every connection, also those of held replies. */
  stop: () => Promise<void>;
};

const bodyBytesMax = 32 * 1024 * 1024;
const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** Serves a sandbox over HTTP, with all that can go wrong on the way. */
export async function serveSandbox(
  sandbox: Sandbox,
  options: ServeOptions,
): Promise<ServedSandbox> {
  const held = createHeldReplies();
  const server = createServer((request, response) => {
    response.on('error', () => {});
    const isControl = request.url === '/control';
    if (!isControl && sandbox.takeUnread()) {
      request.socket.resetAndDestroy();
      return;
    }
    const work = isControl
      ? answerControl({ sandbox, held, options, request, response })
      : answerCall({ sandbox, held, request, response });
    work.catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Its own, also where several processes share the panel's port.
    server.listen({ port: options.port, host: options.host, exclusive: true }, resolve);
  });
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  const origin = `http://${options.host}:${port}`;
  return {
    ...held,
    url: `${origin}/api/v2`,
    controlUrl: `${origin}/control`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Exchange = {
  sandbox: Sandbox;
  held: HeldReplies & { hold: ReturnType<typeof createHeldReplies>['hold'] };
  request: IncomingMessage;
  response: ServerResponse;
};

async function answerCall({ sandbox, held, request, response }: Exchange): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const body = await readText(request);
  const fields = new Map([
    ...readBody(url.search.slice(1), ''),
    ...readBody(body, request.headers['content-type'] ?? ''),
  ]);
  const isApi = url.pathname === '/api/v2' || url.pathname === '/api/v2/';
  // Where nothing is, nothing may be done: a call there counts as one that followed a redirect.
  const reply = isApi ? sandbox.handle(fields, url.pathname) : sandbox.stray(fields, url.pathname);
  sendReply(reply, response, held.hold);
}

async function answerControl(exchange: Exchange & { options: ServeOptions }): Promise<void> {
  const { sandbox, held, request, response, options } = exchange;
  const body = await readText(request);
  const isLocal = loopback.has(request.socket.remoteAddress ?? '');
  const given = request.headers.authorization ?? '';
  const { controlToken: token } = options;
  const isAllowed = isLocal && token !== undefined && isSame(given, `Bearer ${token}`);
  if (!isAllowed || request.method !== 'POST') {
    sendReply(plainReply('{"error":"not allowed"}', 403), response, held.hold);
    return;
  }
  const reply = await runControl({ sandbox, held, setNow: options.setNow }, body).then(
    (result) => plainReply(JSON.stringify({ result: result ?? null })),
    (error: unknown) => plainReply(JSON.stringify({ error: String(error) }), 400),
  );
  sendReply(reply, response, held.hold);
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > bodyBytesMax) throw new Error('the body is too large');
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}
