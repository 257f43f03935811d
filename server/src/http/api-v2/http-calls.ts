import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../base/index.ts';
import type { AddressOf } from '../client.ts';
import { createBodyReader, drainBody } from './body.ts';
import type { ApiAnswer, ApiHandler } from './handler.ts';

/**
 * Brings calls to the handler that Node's HTTP has read, and answers them there: a framework's
 * Request and Response around them cost more than all the rest of a call (a third of the calls per
 * second, measured).
 * @returns what answers one request. Never rejects.
 */
export function createHttpCalls(
  handler: ApiHandler,
  addressOf: AddressOf,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const bodies = createBodyReader();
  return async (request, response) => {
    if (request.method === 'OPTIONS') return sendMethods(response);
    let body: Buffer;
    try {
      body = await bodies.read(request);
    } catch (error) {
      // A client that went away is told nothing, and its going is no fault of ours to log.
      if (!(error instanceof AppError)) return handler.lose();
      const refusal = handler.refuse(error);
      if (request.complete) send(response, refusal);
      else sendWhileDraining(request, response, refusal);
      return;
    }
    const url = request.url ?? '';
    const mark = url.indexOf('?');
    const answer = await handler.answer({
      query: mark === -1 ? '' : url.slice(mark + 1),
      header: (name) => request.headers[name]?.toString(),
      address: addressOf(request.socket.remoteAddress, request.headers['x-forwarded-for']),
      body,
    });
    bodies.release(body);
    send(response, answer);
  };
}

/** What browsers ask by themselves before a page calls, with the page's query: never an order. */
function sendMethods(response: ServerResponse): void {
  response.writeHead(204, { Allow: 'GET, POST' }).end();
}

function send(response: ServerResponse, { status, headers, body }: ApiAnswer): void {
  if (body === undefined) response.writeHead(status, { ...headers }).end();
  else {
    response.writeHead(status, { ...headers, 'Content-Length': body.length });
    response.end(body, 'latin1');
  }
}

/**
 * Answers before the body has come whole. The answer is complete at once, but the connection ends
 * only later: closed with bytes unread it would be reset, and the answer lost.
 */
function sendWhileDraining(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body = '' }: ApiAnswer,
): void {
  response.writeHead(status, { ...headers, 'Content-Length': body.length, Connection: 'close' });
  response.write(body);
  void drainBody(request).then(() => response.end());
}
