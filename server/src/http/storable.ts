import type { MiddlewareHandler } from 'hono';
import { AppError, isStorable } from '../base/index.ts';

/** The escapes that NUL and halves of letters are written with in JSON, where nothing else can. */
const oddEscape = /\\u(?:0000|d[89a-f])/i;
/** Deeper JSON than anybody means is refused before it is walked. */
const depthMax = 200;

/**
 * Refuses texts that can't be stored: PostgreSQL takes no NUL, and no half of a letter.
 * @throws AppError `invalid_input`
 */
export const refuseUnstorable: MiddlewareHandler = async (c, next) => {
  if (/%00/.test(c.req.url)) throw unstorable();
  if (c.req.raw.body !== null) {
    const text = await c.req.raw.clone().text();
    if (oddEscape.test(text) && !areStorable(parse(text), 0)) throw unstorable();
  }
  return next();
};

/** What is no JSON is refused by who reads it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function areStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth > depthMax) return false;
  const parts = Array.isArray(value) ? value : Object.entries(value).flat();
  return parts.every((part) => areStorable(part, depth + 1));
}

function unstorable(): AppError {
  return new AppError('invalid_input', 'a text has a NUL or half a letter in it');
}
