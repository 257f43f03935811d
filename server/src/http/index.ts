/**
 * The server's HTTP surface: the panel API v2, its documentation, health and metrics. Invariant:
 * handlers parse, call one command or query, and render; they hold no rules of their own.
 */
export { type CsvCell, csvResponse } from './csv.ts';
export { createListener, type HttpContext, type Listener } from './listener.ts';
export { type HttpServer, startHttp } from './server.ts';
