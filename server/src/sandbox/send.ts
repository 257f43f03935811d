import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Reply } from './replies.ts';

/** Replies that were held back, until a test lets them go. */
export type HeldReplies = {
  /** How many callers wait now. */
  held: () => number;
  /** Resolves when at least so many wait. */
  untilHeld: (count: number) => Promise<void>;
  /**
   * Lets them go, as they were made or by resetting their connections: all of them, or the one that
   * has this place in the order they came. Answers how many it were.
   */
  release: (how?: 'as_made' | 'reset', place?: number) => number;
};

type Hold = (waiting: { send: () => void; response: ServerResponse }) => void;

const endlessPiece = Buffer.alloc(65_536, ' ');

/** Keeps what is held; a caller that leaves is forgotten. */
export function createHeldReplies(): HeldReplies & { hold: Hold } {
  const waiting = new Map<ServerResponse, () => void>();
  let watchers: { count: number; resolve: () => void }[] = [];
  return {
    hold: ({ send, response }) => {
      if (response.closed) return;
      waiting.set(response, send);
      response.on('close', () => waiting.delete(response));
      watchers = watchers.filter((watcher) => {
        if (waiting.size < watcher.count) return true;
        watcher.resolve();
        return false;
      });
    },
    held: () => waiting.size,
    untilHeld: (count) =>
      new Promise((resolve) => {
        if (waiting.size >= count) resolve();
        else watchers.push({ count, resolve });
      }),
    release: (how = 'as_made', place) => {
      const all = [...waiting];
      const released = place === undefined ? all : all.slice(place, place + 1);
      for (const [response, send] of released) {
        waiting.delete(response);
        if (how === 'reset') response.socket?.resetAndDestroy();
        else send();
      }
      return released.length;
    },
  };
}

/** Sends a reply the way its `wire` says. */
export function sendReply(reply: Reply, response: ServerResponse, hold: Hold): void {
  const { wire } = reply;
  const { socket } = response;
  switch (wire.how) {
    case 'send':
      sendWhole(reply, response);
      break;
    case 'hold': {
      const send = () =>
        wire.onRelease === 'reset' ? socket?.resetAndDestroy() : sendWhole(reply, response);
      hold({ send, response });
      break;
    }
    case 'reset':
      socket?.resetAndDestroy();
      break;
    case 'reset_after':
      // Past Node's own writer, which would notice that the reply is not whole.
      socket?.write(printReply(reply).subarray(0, wire.bytes), () => socket.resetAndDestroy());
      break;
    case 'drip':
      drip(reply, response, wire.everyMs);
      break;
    case 'endless':
      sendEndlessly(reply, response);
      break;
  }
}

function sendWhole(reply: Reply, response: ServerResponse): void {
  const length = { 'Content-Length': Buffer.byteLength(reply.body) };
  response.writeHead(reply.status, { ...reply.headers, ...length });
  response.end(reply.body);
}

function printReply(reply: Reply): Buffer {
  const body = Buffer.from(reply.body);
  const headers = { ...reply.headers, 'Content-Length': body.length };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const status = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status]}\r\n`;
  return Buffer.concat([Buffer.from(`${status}${lines.join('')}\r\n`), body]);
}

function drip(reply: Reply, response: ServerResponse, everyMs: number): void {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': body.length });
  let at = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(at, at + 1));
    at += 1;
    if (at < body.length) return;
    clearInterval(timer);
    response.end();
  }, everyMs);
  response.on('close', () => clearInterval(timer));
}

/** No faster than it is read, so that only the reader's memory is in danger. */
function sendEndlessly(reply: Reply, response: ServerResponse): void {
  response.writeHead(reply.status, reply.headers);
  const write = () => {
    while (!response.destroyed && response.write(endlessPiece));
  };
  response.on('drain', write);
  write();
}
