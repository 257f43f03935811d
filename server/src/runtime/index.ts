/**
 * Opens what everything else runs on: database, schema, caches, queues.
 * Invariant: what is opened is closed in reverse order, and nothing accepted is lost by closing.
 */
export type { Demo } from './demo.ts';
export { type App, type OpenOptions, openRuntime, type Runtime } from './open.ts';
export { type SharedProcess, sharedProcess, startProcesses } from './processes.ts';
export { archiveOf, type Role, type Running, type ServeOptions, serve } from './serve.ts';
