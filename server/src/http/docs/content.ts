import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Context } from 'hono';
import { hasTag, takesGzip } from '../packed.ts';

/** Bytes ready to be sent: packed once, named by their hash. */
export type Content = { plain: Buffer; packed: Buffer; type: string; hash: string };

const hashLength = 16;

/** Prepares a text for sending as often as it is asked for. */
export function makeContent(text: string, type: string): Content {
  const plain = Buffer.from(text);
  const name = hash('sha256', plain, 'hex').slice(0, hashLength);
  return { plain, packed: gzipSync(plain), type, hash: name };
}

/** Answers a content, packed if the client can unpack it, or 304 if it has these very bytes. */
export function sendContent(
  c: Context,
  content: Content,
  headers: Record<string, string>,
): Response {
  // Weak: the packed and the plain bytes share it.
  const etag = `W/"${content.hash}"`;
  const shared = { ...headers, ETag: etag };
  if (hasTag(c.req.header('If-None-Match'), etag)) return c.body(null, 304, shared);
  const vary = [headers.Vary, 'Accept-Encoding'].filter(Boolean).join(', ');
  const isPacked = takesGzip(c.req.header('Accept-Encoding'));
  const body = new Uint8Array(isPacked ? content.packed : content.plain);
  return c.body(body, 200, {
    ...shared,
    Vary: vary,
    'Content-Type': content.type,
    ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
  });
}
