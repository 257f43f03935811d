import {
  createPanelClient,
  type PanelClient,
  type PanelClientOptions,
  type TransportRequest,
} from '../src/index.ts';

/** A reply as a test writes it: JSON of `json`, or `body` as it is. */
export type ScriptedReply = {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  body?: string | Uint8Array;
};

export type Scripted = {
  client: PanelClient;
  /** The form of each request, in turn. */
  forms: Record<string, string>[];
  requests: TransportRequest[];
};

export const testKey = 'key-of-the-tests';

/** A client whose panel answers what `script` says: always the same, or by the request's form. */
export function scriptedClient(
  script: ScriptedReply | ((form: Record<string, string>) => ScriptedReply),
  options: Partial<PanelClientOptions> = {},
): Scripted {
  const forms: Record<string, string>[] = [];
  const requests: TransportRequest[] = [];
  const client = createPanelClient({
    url: 'http://panel.example/api/v2',
    key: testKey,
    transport: async (request) => {
      const form = Object.fromEntries(new URLSearchParams(request.body));
      forms.push(form);
      requests.push(request);
      const reply = typeof script === 'function' ? script(form) : script;
      const {
        status = 200,
        headers = {},
        json,
        body = json === undefined ? '' : JSON.stringify(json),
      } = reply;
      return { status, headers, body: typeof body === 'string' ? Buffer.from(body) : body };
    },
    ...options,
  });
  return { client, forms, requests };
}
