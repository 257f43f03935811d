import { type Transport, TransportError, type TransportRequest } from './transport.ts';
import { isJsonObject, own } from './values.ts';

/** Of Node's error codes, those that can only occur before a byte of the request has left. */
const codesBeforeSending: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** System calls that come before the first byte; the same code from `read` proves nothing. */
const callsBeforeSending: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo']);

const causesMax = 5;

/**
 * The transport over `fetch`. On Node it recognises refused connections, failed look-ups, connect
 * timeouts and rejected certificates as not sent. Everything else is "maybe sent", and in browsers,
 * which tell nothing, every failure is. A redirect is answered, not followed.
 */
export function createFetchTransport(fetchFunction: typeof fetch = globalThis.fetch): Transport {
  return async (request) => {
    try {
      const { url, method, headers, body, signal } = request;
      const response = await fetchFunction(url, {
        method,
        headers,
        body,
        signal,
        redirect: 'manual',
      });
      return {
        // A browser hides the status of a redirect behind a 0.
        status: response.type === 'opaqueredirect' ? 302 : response.status,
        headers: Object.fromEntries(response.headers),
        body: await readBody(response, request),
      };
    } catch (error) {
      throw asTransportError(error, request.signal);
    }
  };
}

async function readBody(response: Response, request: TransportRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > request.replyBytesMax) {
      // Not awaited: a stream that never ends its cancelling must not hold the answer.
      reader.cancel().catch(() => undefined);
      throw new TransportError('oversized', { sent: 'maybe' });
    }
    chunks.push(value);
  }
  return joined(chunks, length);
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

function asTransportError(error: unknown, signal: AbortSignal): TransportError {
  if (error instanceof TransportError) return error;
  if (signal.aborted) return new TransportError('timeout', { sent: 'maybe', cause: error });
  const sent = isBeforeSending(error) ? 'no' : 'maybe';
  return new TransportError('unreachable', { sent, cause: error });
}

/**
 * Node wraps the reason in `cause`, and several tried addresses in `errors`: then each of them must
 * have failed before sending.
 */
function isBeforeSending(error: unknown, depth = 0): boolean {
  if (!isJsonObject(error) || depth > causesMax) return false;
  const tried = own(error, 'errors');
  if (Array.isArray(tried) && tried.length > 0) {
    return tried.every((one) => isBeforeSending(one, depth + 1));
  }
  const code = own(error, 'code');
  if (typeof code === 'string' && codesBeforeSending.has(code)) return true;
  if (callsBeforeSending.has(own(error, 'syscall'))) return true;
  return isBeforeSending(own(error, 'cause'), depth + 1);
}
