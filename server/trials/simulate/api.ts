import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRecentCalls } from '../../src/customers/index.ts';
import {
  createApiHandler,
  createServicesRenderer,
  statusEntry,
} from '../../src/http/api-v2/index.ts';
import { createOrderReader } from '../../src/orders/index.ts';
import type { App } from '../../src/runtime/index.ts';

/** The panel API v2 of a world: its own handler, called without a socket. */
export type Api = {
  /** The status of a reply and its text. */
  call: (fields: Readonly<Record<string, string>>) => Promise<{ status: number; text: string }>;
  /** Writes what the handler keeps of calls. */
  flush: () => Promise<void>;
};

/** Opens the API of a running panel. */
export function openApi(app: App): Api {
  const recentCalls = createRecentCalls(app);
  const handle = createApiHandler({
    ctx: {
      ...app,
      renderServices: createServicesRenderer(),
      orderReader: createOrderReader(app.db, (order) =>
        statusEntry(order, app.catalog.current().settings.currency),
      ),
    },
    keyring: app.keyring,
    clock: app.clock,
    log: app.log,
    addressOf: () => '127.0.0.1',
    recentCalls,
    onCall: () => {},
  });
  return {
    call: async (fields) => {
      const request = makeRequest();
      const response = makeResponse();
      // These have all that the handler looks at.
      const handled = handle(
        request as unknown as IncomingMessage,
        response as unknown as ServerResponse,
      );
      request.emit('data', Buffer.from(new URLSearchParams(fields).toString()));
      request.emit('end');
      await handled;
      return { status: response.statusCode, text: response.text };
    },
    flush: () => recentCalls.store(AbortSignal.abort()),
  };
}

function makeRequest() {
  return Object.assign(new EventEmitter(), {
    url: '/api/v2',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    complete: true,
    errored: null,
    socket: { destroyed: false, remoteAddress: '127.0.0.1' },
  });
}

function makeResponse() {
  const response = {
    destroyed: false,
    statusCode: 0,
    text: '',
    setHeader: () => {},
    writeHead: (status: number) => {
      response.statusCode = status;
    },
    end: (body: string | Buffer) => {
      response.text = body.toString();
    },
  };
  return response;
}
