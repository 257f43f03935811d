import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { Listener } from '../../src/http/index.ts';

export type WireRequest = {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
};

export type WireReply = { status: number; headers: ReadonlyMap<string, string>; body: string };

/** What every request says it came over; it is never opened. */
const nowhere = new Socket();
nowhere.setMaxListeners(0);

/**
 * Has a request of Node's own kind answered without a socket, and reads the answer from the bytes
 * that one would carry.
 */
export async function ask(listener: Listener, input: WireRequest): Promise<WireReply> {
  const request = new IncomingMessage(nowhere);
  request.method = input.method;
  request.url = input.url;
  request.headers = { ...input.headers };
  const response = new ServerResponse(request);
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write: (chunk: Buffer | string, encoding, done) => {
      chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk, encoding));
      done();
    },
    decodeStrings: false,
  });
  // All that a response asks of a socket is that it can be written to.
  response.assignSocket(sink as Socket);
  const finished = new Promise((resolve) => response.once('finish', resolve));
  if (input.body.length > 0) request.push(input.body);
  request.push(null);
  request.complete = true;
  await listener.answer(request, response);
  await finished;
  return readReply(Buffer.concat(chunks));
}

/** @throws Error for bytes that are no whole answer of HTTP/1.1 with a length */
function readReply(bytes: Buffer): WireReply {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = bytes.subarray(end + 4);
  if (Number.isNaN(status) || Number(headers.get('content-length')) !== body.length) {
    throw new Error(`no answer of HTTP: ${bytes.toString('latin1').slice(0, 500)}`);
  }
  return { status, headers, body: body.toString('utf8') };
}
