import { connect } from 'node:net';

/** What is kept of a reply: its body is read and not stored. */
export type BareReply = {
  status: number;
  /** How the body begins. */
  begin: string;
  /** Whether `{"error"` stands anywhere in it. */
  hasError: boolean;
};

type Waiting = { request: Buffer; answer: (reply: BareReply | Error) => void };

const readBytes = 65_536;
const headEnd = '\r\n\r\n';
const statusAt = 'HTTP/1.1 '.length;
const statusLetters = 3;
const lengthHeader = /\r\ncontent-length: ([0-9]+)/i;
const beginLetters = 200;
// To look for the word in quotes took most of a call's time: replies are full of quotes.
const error = '{"error"';

/**
 * A client of one server over at most so many kept connections, one call at a time on each. It
 * takes a third of what Node's own client does for a call and leaves next to no garbage, so a
 * generator of load that shares two cores with what it measures does not measure itself.
 * Understands replies of a stated length only.
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
    let current: Waiting | undefined;
    const read = createReplyReader();
    // One buffer for all that comes, so that reading leaves nothing behind.
    const buffer = Buffer.alloc(readBytes);
    const callback = (bytes: number) => {
      const reply = read(buffer.subarray(0, bytes));
      if (reply instanceof Error) socket.destroy(reply);
      else if (reply !== undefined) goOn(reply);
      return true;
    };
    const onread = { buffer, callback };
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread });
    const take = (next: Waiting) => {
      current = next;
      socket.write(next.request);
    };
    const settle = (reply: BareReply | Error) => {
      const settled = current;
      current = undefined;
      settled?.answer(reply);
    };
    const goOn = (reply: BareReply) => {
      settle(reply);
      const next = waiting.shift();
      if (next === undefined) free.push(take);
      else take(next);
    };
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

/** Reads one reply after the other from the parts in which they come. */
function createReplyReader(): (part: Buffer) => BareReply | Error | undefined {
  let head = '';
  let reply: BareReply | undefined;
  let missing = 0;
  let seam = '';

  function readHead(part: Buffer): BareReply | Error | undefined {
    const earlier = head.length;
    head += part.toString('latin1');
    const end = head.indexOf(headEnd);
    if (end === -1) return undefined;
    const length = lengthHeader.exec(head.slice(0, end))?.[1];
    if (length === undefined) return new Error(`a reply without a length: ${head}`);
    const status = Number(head.slice(statusAt, statusAt + statusLetters));
    reply = { status, begin: '', hasError: false };
    missing = Number(length);
    head = '';
    return readBody(reply, part.subarray(end + headEnd.length - earlier));
  }

  function readBody(into: BareReply, part: Buffer): BareReply | undefined {
    const lacking = beginLetters - into.begin.length;
    if (lacking > 0) into.begin += part.toString('latin1', 0, lacking);
    // The word may have come in two parts.
    const joint = seam + part.toString('latin1', 0, error.length);
    into.hasError ||= part.includes(error) || joint.includes(error);
    missing -= part.length;
    seam = missing === 0 ? '' : part.toString('latin1', Math.max(0, part.length - error.length));
    if (missing > 0) return undefined;
    reply = undefined;
    return into;
  }

  return (part) => (reply === undefined ? readHead(part) : readBody(reply, part));
}
