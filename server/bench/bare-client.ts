import { connect, type Socket } from 'node:net';

/** A reply as it came. */
export type BareReply = { status: number; body: Buffer };

type Waiting = { request: Buffer; answer: (reply: BareReply | Error) => void };

const headEnd = Buffer.from('\r\n\r\n');
const statusAt = 'HTTP/1.1 '.length;
const statusLetters = 3;
const lengthHeader = /\r\ncontent-length: ([0-9]+)/i;

/**
 * A client of one server over at most so many kept connections, one call at a time on each. It
 * takes a fifth of what Node's own client does for a call, so a generator of load that shares two
 * cores with what it measures does not measure itself. Understands replies of a stated length only.
 */
export function createBareClient(url: string, connectionsMax: number) {
  const { hostname, port, pathname, host } = new URL(url);
  const free: ((next: Waiting) => void)[] = [];
  const waiting: Waiting[] = [];
  let opened = 0;

  /** The bytes of a call, to be made beforehand. */
  function requestOf(form: string): Buffer {
    const head =
      `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\n` +
      'Content-Type: application/x-www-form-urlencoded\r\n' +
      `Content-Length: ${Buffer.byteLength(form)}\r\n\r\n`;
    return Buffer.from(head + form);
  }

  function send(request: Buffer, answer: Waiting['answer']): void {
    const next = { request, answer };
    const take = free.pop();
    if (take !== undefined) take(next);
    else if (opened < connectionsMax) open(next);
    else waiting.push(next);
  }

  function open(first: Waiting): void {
    opened += 1;
    const socket = connect(Number(port), hostname).setNoDelay(true);
    let current: Waiting | undefined = first;
    const take = (next: Waiting) => {
      current = next;
      socket.write(next.request);
    };
    const settle = (reply: BareReply | Error) => {
      const settled = current;
      current = undefined;
      settled?.answer(reply);
    };
    readReplies(socket, (reply) => {
      settle(reply);
      const next = waiting.shift();
      if (next === undefined) free.push(take);
      else take(next);
    });
    socket.on('error', settle);
    socket.on('close', () => {
      opened -= 1;
      const at = free.indexOf(take);
      if (at !== -1) free.splice(at, 1);
      settle(new Error('the server closed the connection'));
    });
    take(first);
  }

  return { requestOf, send };
}

function readReplies(socket: Socket, onReply: (reply: BareReply) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let needed = headEnd.length;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < needed) return;
    const all = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    chunks = [all];
    const bodyAt = all.indexOf(headEnd) + headEnd.length;
    if (bodyAt < headEnd.length) return;
    const head = all.toString('latin1', 0, bodyAt);
    const length = lengthHeader.exec(head)?.[1];
    if (length === undefined) {
      socket.destroy(new Error(`a reply without a length: ${head}`));
      return;
    }
    needed = bodyAt + Number(length);
    if (bytes < needed) return;
    chunks = [];
    bytes = 0;
    needed = headEnd.length;
    const status = Number(head.slice(statusAt, statusAt + statusLetters));
    onReply({ status, body: all.subarray(bodyAt) });
  });
}
