import type { MiddlewareHandler } from 'hono';
import { AppError, isPlainJson } from '../base/index.ts';

/** What a text that is not plain is written with; in all other bodies there is nothing to find. */
const oddWriting = /\\u|"toString"|"valueOf"/;

/**
 * Refuses what can't be stored, or not even be looked at: PostgreSQL takes no NUL and no half of a
 * letter, and an object whose `toString` is no function breaks whoever compares it.
 * @throws AppError `invalid_input`
 */
export const refuseUnstorable: MiddlewareHandler = async (c, next) => {
  if (/%00/.test(c.req.url)) throw unstorable();
  if (c.req.raw.body !== null) {
    const text = await c.req.raw.clone().text();
    if (oddWriting.test(text) && !isPlainJson(parse(text))) throw unstorable();
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

function unstorable(): AppError {
  return new AppError('invalid_input', 'a text has a NUL or half a letter in it');
}
