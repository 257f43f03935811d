/**
 * The panel API v2 on the wire: parsing, authentication, the seven actions, exact replies.
 * Invariants: a refusal is HTTP 200 with the sole key `error`; nothing is answered before it is
 * committed; a key never reaches a log.
 */
export type { ApiContext } from './actions.ts';
export type { ActionName } from './definition.ts';
export { type ApiHandler, createApiHandler, type Outcome } from './handler.ts';
export { createHttpCalls } from './http-calls.ts';
export { answerPlainCalls, type PlainCalls } from './plain-calls.ts';
export { createServicesRenderer } from './price-list.ts';
export { statusEntry } from './replies.ts';
