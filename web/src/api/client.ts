import { hc } from 'hono/client';
import type { AccountApi } from '../../../server/src/http/account.ts';
import type { AdminApi } from '../../../server/src/http/admin/index.ts';
import type { CustomerApi } from '../../../server/src/http/customer/index.ts';
import { fetchConfirming } from './confirming.ts';

/** A refusal of the panel; `code` has its own words in the app (`problems` of the texts). */
export class Problem extends Error {
  readonly code: string;
  readonly detail: string;
  readonly fields: readonly { path: string; message: string }[];

  constructor(error: ProblemBody) {
    super(error.message);
    this.name = 'Problem';
    this.code = error.code;
    this.detail = error.detail;
    this.fields = error.fields ?? [];
  }
}

type ProblemBody = {
  code: string;
  detail: string;
  message: string;
  fields?: { path: string; message: string }[];
};

/** What everybody's account page asks: `/api/account`. */
export const accountApi = hc<AccountApi>('/api/account');
/** What the customer's pages ask: `/api/customer`. */
export const customerApi = hc<CustomerApi>('/api/customer');
/**
 * What the operator's pages ask: `/api/admin`. Where it wants to be told first who asks, the reader
 * is, and the call goes on.
 */
export const adminApi = hc<AdminApi>('/api/admin', { fetch: fetchConfirming });

type Answer<T> = { ok: boolean; status: number; json: () => Promise<T> };

/**
 * The body of an answer.
 * @throws Problem for a refusal, also for an answer that never came
 */
export async function call<T>(asked: Promise<Answer<T>>): Promise<T> {
  const answer = await asked.catch(() => {
    throw new Problem({ code: 'unreachable', detail: '', message: 'The panel did not answer' });
  });
  if (answer.ok) return answer.status === 204 ? (undefined as T) : answer.json();
  throw await readProblem(answer);
}

async function readProblem(answer: Answer<unknown>): Promise<Problem> {
  const body = await answer.json().catch(() => undefined);
  const error = (body as { error?: ProblemBody } | undefined)?.error;
  return new Problem(
    typeof error?.code === 'string'
      ? error
      : { code: 'failed', detail: String(answer.status), message: 'The panel could not do this' },
  );
}
