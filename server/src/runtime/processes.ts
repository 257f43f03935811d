import cluster, { type Worker } from 'node:cluster';
import { type Log, minuteMs, type Peers } from '../base/index.ts';
import { joinPeers, passOn, send } from './peers.ts';

export type ProcessesOptions = {
  count: number;
  /** The command line of a process, by its number. */
  args: (number: number) => readonly string[];
  log: Log;
};

/** Several processes that answer on one port, and that are started anew when they die. */
export type Processes<T> = {
  /** What the first one said when it was ready, once all are; undefined when one ended before. */
  ready: Promise<T | undefined>;
  /** Has all of them end in order. Returns whether they did. */
  stop: () => Promise<boolean>;
};

/** What a process of a shared port knows of itself. */
export type SharedProcess = {
  peers: Peers;
  /** Tells the parent that this one answers, and what there is to say of it. */
  announce: (said: object) => void;
  /** Lets go of the parent, which else keeps this process alive. */
  leave: () => void;
};

const numberVariable = 'PANELWRIGHT_PROCESS';
const pauseMinMs = 100;
const pauseMaxMs = 30_000;
/** The pause begins anew for one that lived this long. */
const soundMs = minuteMs;

/** Of this process, if a parent started it to share a port; undefined for any other. */
export function sharedProcess(count: number): SharedProcess | undefined {
  if (!cluster.isWorker) return undefined;
  return {
    peers: joinPeers(Number(process.env[numberVariable]), count),
    announce: (said) => send({ kind: 'ready', said }),
    leave: () => cluster.worker?.disconnect(),
  };
}

/**
 * Starts processes that share a port: the first alone, so that it migrates, seeds and builds what
 * the others find, then the rest. Node hands each connection to the next process in turn, so those
 * that stay open are spread evenly, too. A connection that is just being handed to a process that
 * dies is not answered: one at most.
 */
export function startProcesses<T>(options: ProcessesOptions): Processes<T> {
  const { count, log } = options;
  const living = new Map<number, Worker>();
  const waiting = new Set<NodeJS.Timeout>();
  const deaths = new Map<number, number>();
  const { promise: ready, resolve } = Promise.withResolvers<T | undefined>();
  const { promise: empty, resolve: markEmpty } = Promise.withResolvers<void>();
  const said: T[] = [];
  let isStopping = false;
  let isInOrder = true;

  function start(number: number): void {
    const worker = fork(number, options, {
      onMessage: (sent) => passOn(sent, living),
      onReady: (message) => noteReady(message as T), // as it was announced
      onExit: (end) => {
        living.delete(number);
        if (isStopping || said.length < count) noteEnd(end.isWell);
        else replace(number, end.livedMs);
      },
    });
    living.set(number, worker);
  }

  function noteReady(message: T): void {
    if (said.length === count || isStopping) return;
    said.push(message);
    if (said.length === 1) for (let number = 2; number <= count; number += 1) start(number);
    if (said.length === count) resolve(said[0]);
  }

  /** An end before all were up is a start that failed. */
  function noteEnd(isWell: boolean): void {
    isInOrder &&= isWell && isStopping;
    resolve(undefined);
    if (isStopping && living.size === 0) markEmpty();
  }

  function replace(number: number, livedMs: number): void {
    const inARow = livedMs >= soundMs ? 1 : (deaths.get(number) ?? 0) + 1;
    deaths.set(number, inARow);
    const pauseMs = Math.min(pauseMinMs * 2 ** (inARow - 1), pauseMaxMs);
    log.error({ number, pauseMs }, 'a process ended; it is started anew');
    const timer = setTimeout(() => {
      waiting.delete(timer);
      start(number);
    }, pauseMs);
    waiting.add(timer);
  }

  // Whatever ends the parent leaves no process behind that nobody could tell to stop.
  process.on('exit', () => {
    for (const worker of living.values()) worker.process.kill('SIGKILL');
  });
  start(1);
  return {
    ready,
    stop: async () => {
      isStopping = true;
      for (const timer of waiting) clearTimeout(timer);
      for (const worker of living.values()) worker.process.kill('SIGTERM');
      if (living.size > 0) await empty;
      return isInOrder;
    },
  };
}

type Watch = {
  onMessage: (sent: unknown) => boolean;
  onReady: (said: unknown) => void;
  onExit: (end: { isWell: boolean; livedMs: number }) => void;
};

/** Starts one process and watches it. */
function fork(number: number, { args, log }: ProcessesOptions, watch: Watch): Worker {
  cluster.setupPrimary({ args: [...args(number)], serialization: 'advanced' });
  const worker = cluster.fork({ [numberVariable]: String(number) });
  const startedMs = performance.now();
  let isReady = false;
  // A process that can't be started says so by its end.
  worker.on('error', (error) => log.error({ error, number }, 'a process could not be told'));
  worker.on('message', (sent: unknown) => {
    if (watch.onMessage(sent) || Object(sent).kind !== 'ready') return;
    isReady = true;
    log.info({ number, pid: worker.process.pid }, 'a process answers');
    watch.onReady(Object(sent).said);
  });
  worker.on('exit', (code, signal) => {
    // Told to end before it had begun to listen for that, it had taken nothing.
    const isEarly = !isReady && signal === 'SIGTERM';
    watch.onExit({ isWell: code === 0 || isEarly, livedMs: performance.now() - startedMs });
  });
  return worker;
}
