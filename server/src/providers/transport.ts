import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type LookupFunction } from 'node:net';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tls from 'node:tls';
import zlib from 'node:zlib';
import {
  type Transport,
  TransportError,
  type TransportReply,
  type TransportRequest,
} from '@panelwright/sdk';
import {
  createCheckedLookup,
  isPublicAddress,
  literalAddress,
  type PrivateAddresses,
  privateAddressError,
  type Resolver,
} from './address.ts';

export type TransportOptions = {
  privateAddresses: PrivateAddresses;
  /** Instead of the system's resolver. */
  resolve?: Resolver;
  /** Certificates to trust besides the system's. */
  trusted?: string;
};

type Connecting = { lookup: LookupFunction; autoSelectFamilyAttemptTimeout: number; ca?: string };

export type Transports = {
  /** A new connection for every request, so that it is known whether a byte of it has left. */
  fresh: Transport;
  /** Keeps connections for a while. For reads alone: it can't tell whether a request arrived. */
  kept: Transport;
  close: () => void;
};

/** Panels close idle connections after 5 s or more. */
const idleTimeoutMs = 4_000;
const connectionsPerHostMax = 16;
/** How long one of several addresses is tried before the next one gets its chance. */
const addressTimeoutMs = 1_000;

/**
 * The transports of the panel API over Node's own HTTP. They follow no redirect, retry nothing, and
 * connect to checked addresses alone. A reply is abandoned at its limit, also when it grows only by
 * inflating.
 */
export function createTransports(options: TransportOptions): Transports {
  const lookup = createCheckedLookup(options.privateAddresses, options.resolve);
  const connecting: Connecting = {
    lookup,
    autoSelectFamilyAttemptTimeout: addressTimeoutMs,
    ...(options.trusted === undefined ? {} : { ca: options.trusted }),
  };
  const pool = {
    keepAlive: true,
    maxSockets: connectionsPerHostMax,
    timeout: idleTimeoutMs,
    scheduling: 'lifo',
  } as const;
  const agents = { 'http:': new http.Agent(pool), 'https:': new https.Agent(pool) };
  const check = (url: URL) => {
    const literal = literalAddress(url);
    if (literal === undefined || options.privateAddresses === 'allow') return;
    if (!isPublicAddress(literal)) throw notSent(privateAddressError());
  };
  return {
    fresh: async (request) => {
      const url = new URL(request.url);
      check(url);
      const socket = await connect(url, connecting, request.signal);
      return exchange(request, { createConnection: () => socket });
    },
    kept: async (request) => {
      const url = new URL(request.url);
      check(url);
      const agent = url.protocol === 'https:' ? agents['https:'] : agents['http:'];
      return exchange(request, { agent, ...connecting });
    },
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function notSent(cause: unknown): TransportError {
  return new TransportError('unreachable', { sent: 'no', cause });
}

/** Opens a connection. Until it is (for https: until its certificate is accepted) nothing left. */
async function connect(url: URL, options: Connecting, signal: AbortSignal): Promise<net.Socket> {
  const isTls = url.protocol === 'https:';
  const host = literalAddress(url) ?? url.hostname;
  const target = { ...options, host, port: Number(url.port) || (isTls ? 443 : 80) };
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  const socket = isTls ? tls.connect({ ...target, ...servername }) : net.connect(target);
  // What breaks between two listeners is told by the next one; without any it ends the process.
  socket.on('error', () => {});
  try {
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (cause) {
    socket.destroy();
    throw signal.aborted ? new TransportError('timeout', { sent: 'no', cause }) : notSent(cause);
  }
}

/** Sends one request over a connection of these options; from here on a byte may have left. */
async function exchange(
  request: TransportRequest,
  options: http.RequestOptions,
): Promise<TransportReply> {
  const { url, method, signal } = request;
  const body = Buffer.from(request.body);
  const length = { 'accept-encoding': 'identity', 'content-length': body.byteLength };
  const headers = { ...request.headers, ...length };
  const { request: start } = url.startsWith('https:') ? https : http;
  const outgoing = start(url, { ...options, method, headers, signal });
  let broken: Error | undefined;
  outgoing.on('error', (error: Error) => {
    broken ??= error;
  });
  try {
    const response = await answerTo(outgoing, body);
    const received = Object.entries(response.headers);
    const bytes = await readBody(response, request.replyBytesMax);
    // A body without a length ends with its connection, also with one that was cut.
    if (broken !== undefined || signal.aborted) throw broken;
    return {
      status: response.statusCode ?? 0,
      headers: Object.fromEntries(received.map(([name, value]) => [name, String(value)])),
      body: bytes,
    };
  } catch (cause) {
    outgoing.destroy();
    if (cause instanceof TransportError) throw cause;
    const kind = signal.aborted ? 'timeout' : 'unreachable';
    throw new TransportError(kind, { sent: 'maybe', cause });
  }
}

function answerTo(outgoing: http.ClientRequest, body: Uint8Array): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    // A switch of protocols that nobody asked for ends so, without an error.
    outgoing.on('close', () => reject(new Error('the connection was closed')));
    outgoing.end(body);
  });
}

async function readBody(response: Readable & { headers: http.IncomingHttpHeaders }, max: number) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const collect = async (source: AsyncIterable<Uint8Array>) => {
    for await (const chunk of source) {
      length += chunk.byteLength;
      if (length > max) throw new TransportError('oversized', { sent: 'maybe' });
      chunks.push(chunk);
    }
  };
  const inflate = inflaters[response.headers['content-encoding']?.toLowerCase() ?? ''];
  if (inflate === undefined) await pipeline(response, collect);
  else await pipeline(response, inflate(), collect);
  return Buffer.concat(chunks, length);
}

/** Plain text is asked for, but some answer compressed all the same. */
const inflaters: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib.createGunzip(),
  'x-gzip': () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  br: () => zlib.createBrotliDecompress(),
};
