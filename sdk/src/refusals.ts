import { bareWords, fieldNames, phrases, type RefusalCode } from './refusal-phrases.ts';
import { cleanText, isJsonObject, isNothing, type JsonObject, own } from './values.ts';

/** A refusal, with the panel's own words (at most 500 letters). */
export type Refusal = { code: RefusalCode; text: string };

const textMax = 500;
const messageDepthMax = 3;

/** The field of request ids, where a client has set no other. */
export const requestIdFieldDefault = 'request_id';

/**
 * The refusal that a panel's text stands for: a sentence, a raw key (`neworder.error.link`) or a
 * common variant, in any case. The texts are those of protocol section 3 and of live panels; of
 * request ids a panel speaks as such, or by the name of the field that it takes them in.
 */
export function refusalOfText(text: string, requestIdField = requestIdFieldDefault): Refusal {
  const kept = cleanText(text.trim(), textMax);
  return { code: codeOf(wordsOf(kept), wordsOf(requestIdField)), text: kept };
}

function codeOf(words: string, requestIdWords: string): RefusalCode {
  const bare = Object.hasOwn(bareWords, words) ? bareWords[words] : undefined;
  if (bare !== undefined) return bare;
  const isBegunBy = (phrase: string) => words === phrase || words.startsWith(`${phrase} `);
  for (const [code, row] of phrases) {
    if (row.some((phrase) => isBegunBy(phrase.replace('request id', requestIdWords)))) return code;
    if (row.some(isBegunBy)) return code;
  }
  const field = words.replace(/^(?:incorrect|invalid|bad|wrong|missing) /, '');
  return fieldNames.has(field.replace(/ is required$/, '')) ? 'incorrect_field' : 'unknown_refusal';
}

/** Lower case, words parted by one space, without the wrapping that raw keys and clones add. */
function wordsOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('cancelled', 'canceled')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/^(?:(?:neworder|errors?) )+/, '');
}

/**
 * The refusal in a reply or a row: a non-empty text itself, or an object whose `error` is a text or
 * carries one (`{"error":{"message":"…"}}`, `{"error":["…"]}`). Null when there is none, or one
 * that says nothing, such as `"0"`.
 */
export function refusalOf(value: unknown, requestIdField?: string): Refusal | null {
  if (typeof value === 'string') {
    return value.trim() === '' ? null : refusalOfText(value, requestIdField);
  }
  if (!isJsonObject(value)) return null;
  const error = own(value, 'error');
  const message = isNothing(error) ? null : messageIn(error, 0);
  return message === null ? null : refusalOfText(message, requestIdField);
}

/** Whether a reply has an `error` that is not just an empty one, readable or not. */
export function hasError(row: JsonObject): boolean {
  return !isNothing(own(row, 'error'));
}

function messageIn(error: unknown, depth: number): string | null {
  if (typeof error === 'string') return error.trim() === '' ? null : error;
  if (depth >= messageDepthMax) return null;
  for (const entry of messagesFirst(error)) {
    const message = messageIn(entry, depth + 1);
    if (message !== null) return message;
  }
  return null;
}

function messagesFirst(error: unknown): readonly unknown[] {
  if (Array.isArray(error)) return error;
  return isJsonObject(error) ? [own(error, 'message'), ...Object.values(error)] : [];
}
