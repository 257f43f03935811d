import { readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { type Clock, type Log, minuteMs } from '../base/index.ts';

const connectionsMax = 20_000;
/** For the database, providers and files, which callers must not take. */
const filesReserved = 512;

/**
 * Bounds the connections of callers, so that the files this process may open suffice for all else,
 * too. The log says once a minute when callers are turned away.
 */
export function limitConnections(server: Server, { clock, log }: { clock: Clock; log: Log }): void {
  const openFilesMax = readOpenFilesMax();
  server.maxConnections = connectionsFor(openFilesMax);
  // Else a caller whom no process of a shared port can take is handed round among them for ever.
  Object.assign(server, { dropMaxConnection: true });
  let loggedMs = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    const nowMs = clock.now().getTime();
    if (Math.abs(nowMs - loggedMs) < minuteMs) return;
    loggedMs = nowMs;
    const fields = { connections: server.maxConnections, openFilesMax };
    log.warn(fields, 'too many connections: turning callers away; a higher ulimit -n allows more');
  });
}

/** How many connections there may be at a limit of open files. Pure. */
function connectionsFor(openFilesMax: number): number {
  const left = Math.max(openFilesMax - filesReserved, Math.floor(openFilesMax / 2));
  return Math.min(connectionsMax, left);
}

/** Where it can't be read, as on macOS, there is none to speak of. */
function readOpenFilesMax(): number {
  try {
    const [, soft] =
      /^Max open files +([0-9]+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
