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

const headers: Readonly<Record<string, string>> = {
  'content-type': 'application/x-www-form-urlencoded',
};

/** Opens the API of a running panel. */
export function openApi(app: App): Api {
  const recentCalls = createRecentCalls(app);
  const handler = createApiHandler({
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
    recentCalls,
    onCall: () => {},
  });
  return {
    call: async (fields) => {
      const { status, body = '' } = await handler.answer({
        query: '',
        header: (name) => headers[name],
        address: '127.0.0.1',
        body: Buffer.from(new URLSearchParams(fields).toString()),
      });
      return { status, text: body.toString() };
    },
    flush: () => recentCalls.store(AbortSignal.abort()),
  };
}
