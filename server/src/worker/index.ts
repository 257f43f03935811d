/**
 * Work that falls due by time.
 * Invariant: a worker that dies or runs twice changes nothing twice; its tasks claim rows by lock.
 */
export { startWorker, type Worker, type WorkerCtx } from './worker.ts';
