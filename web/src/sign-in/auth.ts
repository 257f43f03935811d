import { Problem } from '../api/client.ts';
import { fetchConfirming } from '../api/confirming.ts';

/** The library's own, or the panel's. */
type Refusal = { code?: string; message?: string; error?: { code: string; message: string } };

/**
 * Asks the sign-in service at `/api/auth`.
 * @throws Problem with the code of the refusal in lower case, such as `invalid_email_or_password`
 */
export async function askSignIn<T>(path: string, body?: object): Promise<T> {
  const answer = await fetchConfirming(`/api/auth/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body !== undefined && {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }),
  }).catch(() => {
    throw new Problem({ code: 'unreachable', detail: '', message: 'The panel did not answer' });
  });
  const reply: unknown = await answer.json().catch(() => null);
  if (answer.ok) return reply as T;
  const refusal = (reply ?? {}) as Refusal;
  const { code, message } = refusal.error ?? refusal;
  if (answer.status === 429) throw new Problem({ code: 'rate_limited', detail: '', message: '' });
  throw new Problem({
    code: code?.toLowerCase() ?? 'failed',
    detail: '',
    message: message ?? 'The panel could not do this',
  });
}
