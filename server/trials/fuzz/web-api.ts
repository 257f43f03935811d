import assert from 'node:assert/strict';
import type { z } from 'zod';
import type { Listener } from '../../src/http/index.ts';
import { openSignInPanel, type SignInPanel, type Visitor } from '../../tests/sign-in/visitor.ts';
import { readCsv } from './csv-text.ts';
import { type ApiCall, type Document, readRoutes } from './operations.ts';
import { openListener } from './panel.ts';
import { assertNoSecret } from './replies.ts';
import { createTarget, type Target } from './target.ts';

const batch = 48;

/** Who calls which API, and what must hold of it besides. */
export type WebApi = {
  path: '/api/customer' | '/api/admin';
  visitor: Visitor;
  /** Routes that are left out, as `post /path`. */
  without: readonly string[];
  /** What no answer may hold. */
  secrets: readonly string[];
  /** Called before each batch: undoes what would keep the caller out from then on. */
  restore: () => Promise<void>;
  finish: () => Promise<object>;
  close?: () => Promise<void>;
};

/** Calls every route of an API as its own description has them, as somebody who may. */
export async function openWebApi(
  open: (panel: SignInPanel, listener: Listener) => Promise<WebApi>,
): Promise<Target> {
  const panel = await openSignInPanel();
  const listener = openListener(panel);
  const api = await open(panel, listener);
  const cookie = [...api.visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const answers = new Map<string, number>();

  async function send(call: ApiCall): Promise<void> {
    const { route, method, path, body, contentType } = call;
    const request = new Request(`http://127.0.0.1${api.path}${path}`, {
      method,
      headers: { cookie, ...(body === undefined ? {} : headersOf(body, contentType)) },
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    const response = await listener.pages.fetch(request, {});
    const { status } = response;
    const text = await response.text();
    const about = () => `${route} ${path} ${body ?? ''}: ${status} ${text}`;
    assert(status < 500 || isUnavailable(text), `${about()}${lastError(panel)}`);
    assertNoSecret(text, api.secrets);
    const type = response.headers.get('content-type') ?? '';
    assertKnown({ status, type, text, about, form: replies.get(route) });
    const kind = `${Math.floor(status / 100)}xx`;
    answers.set(kind, (answers.get(kind) ?? 0) + 1);
  }

  const described = await listener.pages.fetch(
    new Request(`http://127.0.0.1${api.path}/openapi.json`),
  );
  const document = (await described.json()) as Document; // what OpenAPI says it is
  const { calls, replies } = readRoutes(document, api.without);
  return createTarget({
    inputs: calls,
    batch,
    check: async (batchOfCalls) => {
      await api.restore();
      panel.logged.length = 0;
      await Promise.all(batchOfCalls.map(send));
    },
    finish: async () => {
      await panel.verify();
      return { answers: Object.fromEntries([...answers].sort()), ...(await api.finish()) };
    },
    close: async () => {
      listener.stop();
      await api.close?.();
      await panel.close();
    },
  });
}

function headersOf(body: string, contentType: string): Record<string, string> {
  const length = String(Buffer.byteLength(body));
  return {
    'content-length': length,
    ...(contentType === '' ? {} : { 'content-type': contentType }),
  };
}

/** A service of others that does not answer, or more work than is taken at once. */
function isUnavailable(text: string): boolean {
  return /^\{"error":\{"code":"(gateway_unavailable|overloaded)"/.test(text);
}

function lastError(panel: SignInPanel): string {
  const entries = panel.logged.map((entry) => Object(entry));
  const failed = entries.findLast(({ fields }) => Object(fields).error instanceof Error);
  return failed === undefined ? '' : `\n${Object(failed.fields).error.stack}`;
}

type Answered = {
  status: number;
  type: string;
  text: string;
  form: z.ZodType | undefined;
  about: () => string;
};

/** @throws AssertionError for an answer that the API's description does not know */
function assertKnown({ status, type, text, form, about }: Answered): void {
  if (status === 204) {
    assert.equal(text, '', about());
    return;
  }
  if (type.startsWith('text/csv')) {
    const [head = [], ...rows] = readCsv(text);
    for (const row of rows) assert.equal(row.length, head.length, about());
    return;
  }
  assert(type.startsWith('application/json'), `${type} ${about()}`);
  const value: unknown = JSON.parse(text);
  if (status !== 200) {
    assert(isProblem(value), about());
    return;
  }
  const parsed = form?.safeParse(value);
  assert(parsed?.success !== false, `${about()}\n${parsed?.error?.message}`);
}

function isProblem(value: unknown): boolean {
  const { error } = Object(value);
  if (error === 'Not found') return true;
  const { code, detail, message } = Object(error);
  return [code, detail, message].every((part) => typeof part === 'string') && code !== '';
}
