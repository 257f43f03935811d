import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Clock, secondMs } from '../../base/index.ts';
import type { AddressOf } from '../client.ts';
import { smallBodyBytesMax } from './body.ts';
import type { ApiAnswer, ApiCall, ApiHandler } from './handler.ts';
import { readPlainHead } from './plain-head.ts';

export type PlainOptions = {
  handler: ApiHandler;
  clock: Clock;
  addressOf: AddressOf;
  /** Whether the process takes nothing new: an answer ends its connection then. */
  isStopping: () => boolean;
};

/** The connections over which nothing but plain calls came so far. */
export type PlainCalls = {
  /** Ends those that wait for nothing. */
  endIdle: () => void;
  /** Ends all at once. */
  endAll: () => void;
};

type Connection = { isBusy: () => boolean; socket: Socket };

/**
 * Answers plain calls on their sockets: what came whole, in one read, with nothing to it that could
 * be read otherwise. To bring such a call to the handler takes Node's HTTP as long as all the rest.
 * At the first request that is not plain a connection goes over to the server's own HTTP, for good
 * and with all that was read of the request; so of HTTP no more than that is decided here. How long
 * a connection may say nothing is as the server has it.
 */
export function answerPlainCalls(server: Server, options: PlainOptions): PlainCalls {
  const takers = server.listeners('connection');
  server.removeAllListeners('connection');
  const connections = new Set<Connection>();
  const idleMs = server.keepAliveTimeout + server.keepAliveTimeoutBuffer;
  const writeAnswer = createWriter(options.clock, server.keepAliveTimeout);
  server.on('connection', (socket: Socket) => {
    const forget = () => connections.delete(connection);
    const handOver = (bytes: Buffer) => {
      forget();
      for (const take of takers) take.call(server, socket);
      socket.unshift(bytes);
      socket.resume();
    };
    const given = { ...options, idleMs, writeAnswer, handOver, forget };
    socket.setTimeout(server.headersTimeout);
    const connection = openConnection(socket, given);
    connections.add(connection);
  });
  return {
    endIdle: () => {
      for (const { isBusy, socket } of connections) if (!isBusy()) socket.destroySoon();
    },
    endAll: () => {
      for (const { socket } of connections) socket.destroy();
    },
  };
}

type ConnectionOptions = PlainOptions & {
  /** How long it may say nothing once it was answered. */
  idleMs: number;
  writeAnswer: (socket: Socket, answer: ApiAnswer, isLast: boolean) => void;
  /** Gives the connection to the server's own HTTP, with what was read and is not answered. */
  handOver: (bytes: Buffer) => void;
  /** What is done once it is closed. */
  forget: () => void;
};

/** Takes a new connection: its calls are answered one after the other, in their order. */
function openConnection(socket: Socket, options: ConnectionOptions): Connection {
  const { handler, idleMs, isStopping } = options;
  const readCall = createReader(socket, options);
  let isAnswering = false;
  let isBusy = false;
  let hasEnded = false;
  let more: Buffer | undefined;

  async function answerAll(first: Buffer): Promise<void> {
    isBusy = true;
    let bytes = first;
    while (bytes.length > 0) {
      const found = readCall(bytes);
      if (found === undefined) return handOver(bytes);
      if (socket.timeout !== idleMs) socket.setTimeout(idleMs);
      isAnswering = true;
      const answer = await handler.answer(found.call);
      isAnswering = false;
      const isLast = isStopping();
      options.writeAnswer(socket, answer, isLast);
      if (isLast) return void socket.destroySoon();
      if (socket.writableNeedDrain) await drained(socket);
      if (socket.destroyed) return;
      bytes = takeMore(bytes.subarray(found.bytes));
    }
    rest();
  }

  /** Waits for the next call, if one may come. */
  function rest(): void {
    isBusy = false;
    // One that waited for its client to read was not idle when the idle ones were ended.
    if (hasEnded || isStopping()) socket.destroySoon();
    else if (socket.isPaused()) socket.resume();
  }

  /** What is left of the last read, and what came meanwhile. */
  function takeMore(left: Buffer): Buffer {
    const bytes = more === undefined ? left : Buffer.concat([left, more]);
    more = undefined;
    return bytes;
  }

  function handOver(bytes: Buffer): void {
    // Nothing can be put back into what has ended.
    if (hasEnded) return void socket.destroySoon();
    for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
    socket.setTimeout(0);
    options.handOver(takeMore(bytes));
  }

  const listeners = {
    data: (chunk: Buffer) => {
      if (!isBusy) return void answerAll(chunk);
      more = chunk;
      socket.pause();
    },
    end: () => {
      hasEnded = true;
      if (!isBusy) socket.end();
    },
    timeout: () => {
      if (!isAnswering) socket.destroy();
    },
    error: () => {},
    close: options.forget,
  };
  for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener);
  return { isBusy: () => isBusy, socket };
}

type Found = { call: ApiCall; bytes: number };

/** Reads the call that a connection's bytes begin with, if it is whole and plain. */
function createReader(
  socket: Socket,
  { addressOf }: PlainOptions,
): (bytes: Buffer) => Found | undefined {
  // A client's calls differ in their bodies alone.
  let known: { text: string; start: number; end: number; call: Omit<ApiCall, 'body'> } | undefined;

  function readHead(text: string): typeof known {
    const head = readPlainHead(text);
    if (head === undefined || head.bodyBytes > smallBodyBytesMax) return undefined;
    const { query, headers } = head;
    const address = addressOf(socket.remoteAddress, headers.get('x-forwarded-for'));
    const start = text.length + headEnd.length;
    const call = { query, address, header: (name: string) => headers.get(name) };
    return { text, start, end: start + head.bodyBytes, call };
  }

  return (bytes) => {
    const headBytes = bytes.indexOf(headEnd);
    if (headBytes === -1) return undefined;
    const text = bytes.toString('latin1', 0, headBytes);
    if (text !== known?.text) known = readHead(text);
    if (known === undefined || known.end > bytes.length) return undefined;
    const body = bytes.subarray(known.start, known.end);
    return { call: { ...known.call, body }, bytes: known.end };
  };
}

const headEnd = '\r\n\r\n';

/** Writes answers as Node's HTTP does. */
function createWriter(clock: Clock, keepAliveMs: number): ConnectionOptions['writeAnswer'] {
  const stays = `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveMs / secondMs}\r\n\r\n`;
  const texts = new WeakMap<ApiAnswer['headers'], string>();
  let date = { second: 0, line: '' };

  /** Nearly all answers have the same ones. */
  function textOf(headers: ApiAnswer['headers']): string {
    const known = texts.get(headers);
    if (known !== undefined) return known;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const text = lines.join('');
    texts.set(headers, text);
    return text;
  }

  function dateLine(): string {
    const now = clock.now();
    const second = Math.floor(now.getTime() / secondMs);
    if (second !== date.second) date = { second, line: `Date: ${now.toUTCString()}\r\n` };
    return date.line;
  }

  return (socket, { status, headers, body }, isLast) => {
    const length = body === undefined ? '' : `Content-Length: ${body.length}\r\n`;
    const end = isLast ? 'Connection: close\r\n\r\n' : stays;
    const first = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${textOf(headers)}`;
    const head = `${first}${length}${dateLine()}${end}`;
    if (typeof body === 'string') socket.write(head + body, 'latin1');
    else {
      socket.cork();
      socket.write(head, 'latin1');
      if (body !== undefined) socket.write(body);
      socket.uncork();
    }
  };
}

/** Resolves when all that was written is taken; never, if the connection is closed before. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('drain', resolve));
}
