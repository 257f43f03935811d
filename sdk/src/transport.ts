// The seam between the client and the network. Which transport is used decides how much can be
// known about an order whose reply never came, so it is the caller's to choose.

/** One HTTP request. The transport sends it once: it follows no redirect and retries nothing. */
export type TransportRequest = {
  url: string;
  method: 'POST';
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** `application/x-www-form-urlencoded`, ASCII. */
  body: string;
  /**
   * Aborts at the deadline or when the caller gives up; the transport then rejects promptly, with
   * `sent: 'no'` if it knows that. A second later the client stops waiting for it.
   */
  signal: AbortSignal;
  /** A longer reply is to be abandoned with a `TransportError` of kind `oversized`. */
  replyBytesMax: number;
};

export type TransportReply = {
  /** The status as the server sent it; of a redirect too. */
  status: number;
  /** Names in lower case. The client reads `retry-after`. */
  headers: Readonly<Record<string, string | undefined>>;
  /** The whole body, decompressed. A body that ended early must reject instead. */
  body: Uint8Array;
};

/**
 * Sends a request and reads the reply to its end. It resolves for any HTTP status, and rejects with
 * a `TransportError` when there is no complete reply. Anything else it throws counts as "maybe
 * sent".
 *
 * `sent: 'no'` is a promise: not one byte of this request has left, so the order can be sent again
 * without becoming two. A transport may promise it for a refused connection, a name that does not
 * resolve, or a TLS handshake that failed, on a connection opened for this request. On a kept-alive
 * connection it cannot know, and says `'maybe'`.
 */
export type Transport = (request: TransportRequest) => Promise<TransportReply>;

export type TransportErrorKind = 'unreachable' | 'timeout' | 'oversized';

/** Why there is no complete reply, and whether any byte of the request may have left. */
export class TransportError extends Error {
  readonly kind: TransportErrorKind;
  readonly sent: 'no' | 'maybe';

  constructor(kind: TransportErrorKind, options: { sent: 'no' | 'maybe'; cause?: unknown }) {
    const cause = options.cause === undefined ? undefined : { cause: options.cause };
    super(`${kind}, request ${options.sent === 'no' ? 'not' : 'maybe'} sent`, cause);
    this.name = 'TransportError';
    this.kind = kind;
    this.sent = options.sent;
  }
}
