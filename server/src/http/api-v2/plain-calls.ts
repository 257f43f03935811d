import { STATUS_CODES } from 'node:http';
import type { Server, Socket } from 'node:net';
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
  /** How long a new connection may say nothing, and one that was answered. */
  firstCallMs: number;
  keepAliveMs: number;
  headBytesMax: number;
};

/** The connections over which nothing but plain calls came so far. */
export type PlainCalls = {
  /** Ends those that wait for nothing. */
  endIdle: () => void;
  /** Ends all at once. */
  endAll: () => void;
};

type Line = { isBusy: () => boolean; socket: Socket };

/**
 * Answers plain calls on their sockets: what came whole, in one read, with nothing to it that could
 * be read otherwise. To bring such a call to the handler takes Node's HTTP as long as all the rest.
 * At the first request that is not plain a connection goes over to the server's own HTTP, for good
 * and with all that was read of the request; so of HTTP no more than that is decided here.
 */
export function answerPlainCalls(server: Server, options: PlainOptions): PlainCalls {
  const takers = server.listeners('connection');
  server.removeAllListeners('connection');
  const lines = new Set<Line>();
  const writeAnswer = createWriter(options);
  server.on('connection', (socket: Socket) => {
    const leave = (bytes: Buffer) => {
      lines.delete(line);
      for (const take of takers) take.call(server, socket);
      socket.unshift(bytes);
      socket.resume();
    };
    const line = openLine(socket, { ...options, writeAnswer, leave });
    lines.add(line);
    socket.once('close', () => lines.delete(line));
  });
  const end = (which: (line: Line) => boolean) => {
    for (const line of lines) if (which(line)) line.socket.destroy();
  };
  return { endIdle: () => end((line) => !line.isBusy()), endAll: () => end(() => true) };
}

type LineOptions = PlainOptions & {
  writeAnswer: (socket: Socket, answer: ApiAnswer, isLast: boolean) => void;
  /** Hands the connection over, with what was read and is not answered. */
  leave: (bytes: Buffer) => void;
};

/** One connection: its calls are answered one after the other, in their order. */
function openLine(socket: Socket, options: LineOptions): Line {
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
      if (found === undefined) return leave(bytes);
      isAnswering = true;
      const answer = await options.handler.answer(found.call);
      isAnswering = false;
      if (socket.destroyed) return;
      const isLast = options.isStopping();
      options.writeAnswer(socket, answer, isLast);
      if (isLast) return void socket.end();
      if (socket.writableNeedDrain) await drained(socket);
      bytes = takeMore(bytes.subarray(found.bytes));
    }
    isBusy = false;
    if (socket.timeout !== options.keepAliveMs) socket.setTimeout(options.keepAliveMs);
    if (hasEnded) socket.end();
    else if (socket.isPaused()) socket.resume();
  }

  /** What is left of the last read, and what came meanwhile. */
  function takeMore(rest: Buffer): Buffer {
    if (more === undefined) return rest;
    const bytes = rest.length === 0 ? more : Buffer.concat([rest, more]);
    more = undefined;
    return bytes;
  }

  function leave(bytes: Buffer): void {
    if (hasEnded) return void socket.destroy();
    for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
    socket.setTimeout(0);
    options.leave(takeMore(bytes));
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
  };
  for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener);
  socket.setTimeout(options.firstCallMs);
  return { isBusy: () => isBusy, socket };
}

type Found = { call: ApiCall; bytes: number };

/** Reads the call that a connection's bytes begin with, if it is whole and plain. */
function createReader(socket: Socket, options: LineOptions): (bytes: Buffer) => Found | undefined {
  // A client's calls differ in their bodies alone.
  let known: { text: string; start: number; end: number; call: Omit<ApiCall, 'body'> } | undefined;

  function readHead(text: string): typeof known {
    const head = readPlainHead(text);
    if (head === undefined || head.bodyBytes > smallBodyBytesMax) return undefined;
    const { query, headers } = head;
    const address = options.addressOf(socket.remoteAddress, headers.get('x-forwarded-for'));
    const start = text.length + headEnd.length;
    const call = { query, address, header: (name: string) => headers.get(name) };
    return { text, start, end: start + head.bodyBytes, call };
  }

  return (bytes) => {
    const headBytes = bytes.indexOf(headEnd);
    if (headBytes === -1 || headBytes > options.headBytesMax) return undefined;
    const text = bytes.toString('latin1', 0, headBytes);
    if (text !== known?.text) known = readHead(text);
    if (known === undefined || known.end > bytes.length) return undefined;
    const body = bytes.subarray(known.start, known.end);
    return { call: { ...known.call, body }, bytes: known.end };
  };
}

const headEnd = '\r\n\r\n';

/** Writes answers as Node's HTTP does. */
function createWriter({ clock, keepAliveMs }: PlainOptions): LineOptions['writeAnswer'] {
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

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
