/**
 * The PostgreSQL server in the panel's own data directory: created, adopted, started and stopped.
 * Invariants: one postmaster per data directory; the `postmaster.pid` of a living process is never
 * removed; only this cluster's own postmaster is ever signalled; durability is never switched off.
 */
export type { ConnectionTarget } from './client.ts';
export { type EmbeddedServer, startEmbedded } from './owner.ts';
export type { EmbeddedOptions } from './start.ts';
