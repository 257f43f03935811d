import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError, type Log, type Peers } from '../base/index.ts';
import { answerPlainCalls, type PlainCalls } from './api-v2/index.ts';
import { addressFor } from './client.ts';
import { limitConnections } from './connections.ts';
import { createListener, type HttpContext } from './listener.ts';

export type HttpOptions = {
  host: string;
  port: number;
  publicUrl: string | undefined;
  isProxyTrusted: boolean;
  /** The processes that share the port, if there are any. */
  peers?: Peers | undefined;
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
const stopTimeoutMs = 10_000;

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
  const listener = createListener(ctx, { ...options, isStopping: () => isStopping });
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: headerBytesMax,
    },
    (request, response) => {
      if (isStopping) response.setHeader('Connection', 'close');
      void listener.answer(request, response);
    },
  );
  const plain = answerPlainCalls(server, {
    handler: listener.api,
    clock: ctx.clock,
    addressOf: addressFor(options),
    isStopping: () => isStopping,
  });
  limitConnections(server, ctx);
  server.on('clientError', refuseBrokenRequest);
  try {
    await listen(server, options);
  } catch (error) {
    listener.stop();
    throw error;
  }
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    stop: () => {
      isStopping = true;
      listener.stop();
      return close({ server, plain, log: ctx.log }).then(listener.flush);
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

type Open = { server: Server; plain: PlainCalls; log: Log };

function close({ server, plain, log }: Open): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      log.warn({}, 'some clients did not take their answers; closing their connections');
      server.closeAllConnections();
      plain.endAll();
    }, stopTimeoutMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
    plain.endIdle();
  });
}
