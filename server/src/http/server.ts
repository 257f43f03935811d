import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { type Amount, AppError, type Batcher, type CustomerId, type Log } from '../base/index.ts';
import { createRecentCalls, type Keyring } from '../customers/index.ts';
import { readProviderLoads } from '../fulfilment/index.ts';
import type { Mailer } from '../mail/index.ts';
import { createOrderReader, type OrdersCtx, type Placement } from '../orders/index.ts';
import type { PaymentsCtx } from '../payments/index.ts';
import type { ProvidersCtx } from '../providers/index.ts';
import type { SignIn } from '../sign-in/index.ts';
import { createApiHandler, createServicesRenderer, statusEntry } from './api-v2/index.ts';
import { createPages } from './app.ts';
import { addressOf } from './client.ts';
import { createLiveHub } from './live.ts';
import { createMetrics } from './metrics.ts';
import { createReadiness } from './readiness.ts';

export type HttpContext = OrdersCtx &
  PaymentsCtx &
  ProvidersCtx & {
    keyring: Keyring;
    placement: Placement;
    balanceReader: Batcher<CustomerId, Amount>;
    signIn: SignIn;
    mailer: Mailer;
  };

export type HttpOptions = {
  host: string;
  port: number;
  publicUrl: string | undefined;
  isProxyTrusted: boolean;
};

export type HttpServer = {
  /** `http://host:port` as it really listens. */
  url: string;
  /** Answers what was asked, takes nothing new, and resolves when the last reply is sent. */
  stop: () => Promise<void>;
};

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const keepAliveMs = 65_000;
const headerBytesMax = 16_384;
const connectionsMax = 20_000;
const stopTimeoutMs = 10_000;
const recentCallsMs = 2_000;

const incorrectRequest = { status: 400, text: 'Incorrect request' };
/** By the code of Node's own error. */
const brokenRequests: Readonly<Record<string, { status: number; text: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, text: 'Request header fields are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, text: 'The request took too long' },
};

/**
 * Serves the panel API v2 and the pages. `/api/v2` is answered by its own handler; everything else
 * by the pages' router.
 * @throws AppError `conflict` when the port is taken
 */
export async function startHttp(ctx: HttpContext, options: HttpOptions): Promise<HttpServer> {
  let isStopping = false;
  const metrics = createMetrics(() => readProviderLoads(ctx.db, ctx.clock.now()));
  const recentCalls = createRecentCalls(ctx);
  const handleApiCall = createApiHandler({
    ctx: {
      ...ctx,
      renderServices: createServicesRenderer(),
      orderReader: createOrderReader(ctx.db, (order) =>
        statusEntry(order, ctx.catalog.current().settings.currency),
      ),
    },
    keyring: ctx.keyring,
    clock: ctx.clock,
    log: ctx.log,
    addressOf: (request) => addressOf(request, options.isProxyTrusted),
    recentCalls,
    onCall: metrics.observeCall,
  });
  const live = createLiveHub(ctx);
  const flushing = setInterval(() => void recentCalls.flush(), recentCallsMs);
  const pages = createPages({
    ...ctx,
    live,
    metrics,
    publicUrl: options.publicUrl,
    isProxyTrusted: options.isProxyTrusted,
    readiness: createReadiness({ ...ctx, isStopping: () => isStopping }),
  });
  const handlePage = getRequestListener(pages.fetch);
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: headerBytesMax,
    },
    (request, response) => {
      if (isStopping) response.setHeader('Connection', 'close');
      void (isApiCall(request.url ?? '')
        ? handleApiCall(request, response)
        : handlePage(request, response));
    },
  );
  server.maxConnections = connectionsMax;
  server.on('clientError', refuseBrokenRequest);
  await listen(server, options);
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    stop: () => {
      isStopping = true;
      live.close();
      clearInterval(flushing);
      return close(server, ctx.log).then(recentCalls.flush);
    },
  };
}

/** Answers what is no readable HTTP request, in the API's own form, and ends the connection. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, text } = brokenRequests[error.code ?? ''] ?? incorrectRequest;
  const body = JSON.stringify({ error: text });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      'Content-Type: application/json; charset=UTF-8\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function isApiCall(url: string): boolean {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  return path === '/api/v2' || path === '/api/v2/';
}

function listen(server: Server, options: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const message = `port ${options.port} is taken; set PORT to another`;
      reject(taken ? new AppError('conflict', message, { cause: error }) : error);
    });
    server.listen(options.port, options.host, resolve);
  });
}

function close(server: Server, log: Log): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      log.warn({}, 'some clients did not take their answers; closing their connections');
      server.closeAllConnections();
    }, stopTimeoutMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
