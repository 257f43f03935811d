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

/** One of the places that are filled: a process, or the wait for the next. */
type Place = { deaths: number; timer?: NodeJS.Timeout };

/**
 * Starts processes that share a port: the first alone, so that it migrates, seeds and builds what the
 * others find, then the rest. Node hands each connection to the next process in turn, so those that
 * stay open are spread evenly, too. What a dying process was just being handed is not answered: one
 * connection at most.
 */
export function startProcesses<T>({ count, args, log }: ProcessesOptions): Processes<T> {
  const living = new Map<number, Worker>();
  const places = new Map<number, Place>();
  const { promise: ready, resolve } = Promise.withResolvers<T | undefined>();
  let said: T | undefined;
  let readyCount = 0;
  let isUp = false;
  let isStopping = false;
  let isInOrder = true;
  let onEmpty = () => {};

  function start(number: number): void {
    cluster.setupPrimary({ args: [...args(number)], serialization: 'advanced' });
    const worker = cluster.fork({ [numberVariable]: String(number) });
    const startedMs = performance.now();
    let isReady = false;
    living.set(number, worker);
    // A process that can't be started says so by its end.
    worker.on('error', (error) => log.error({ error, number }, 'a process could not be told'));
    worker.on('message', (sent: unknown) => {
      if (passOn(sent, living) || Object(sent).kind !== 'ready') return;
      isReady = true;
      log.info({ number, pid: worker.process.pid }, 'a process answers');
      if (!isUp) noteReady(Object(sent).said as T); // as it was announced
    });
    worker.on('exit', (code, signal) => {
      living.delete(number);
      // Told to end before it had begun to listen for that, it had taken nothing.
      const isEarly = !isReady && signal === 'SIGTERM';
      onExit(number, { isWell: code === 0 || isEarly, livedMs: performance.now() - startedMs });
    });
  }

  function noteReady(firstSaid: T): void {
    readyCount += 1;
    said ??= firstSaid;
    if (readyCount === 1) for (let number = 2; number <= count; number += 1) start(number);
    isUp = readyCount === count;
    if (isUp && !isStopping) resolve(said);
  }

  function onExit(number: number, { isWell, livedMs }: { isWell: boolean; livedMs: number }): void {
    if (isStopping) {
      isInOrder &&= isWell;
      if (living.size === 0) onEmpty();
      return;
    }
    if (!isUp) {
      isInOrder = false;
      resolve(undefined);
      return;
    }
    const place = places.get(number) ?? { deaths: 0 };
    places.set(number, place);
    place.deaths = livedMs >= soundMs ? 1 : place.deaths + 1;
    const pauseMs = Math.min(pauseMinMs * 2 ** (place.deaths - 1), pauseMaxMs);
    log.error({ number, pauseMs }, 'a process ended; it is started anew');
    place.timer = setTimeout(() => start(number), pauseMs);
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
      resolve(undefined);
      for (const { timer } of places.values()) clearTimeout(timer);
      const { promise: empty, resolve: markEmpty } = Promise.withResolvers<void>();
      onEmpty = markEmpty;
      for (const worker of living.values()) worker.process.kill('SIGTERM');
      if (living.size > 0) await empty;
      return isInOrder;
    },
  };
}
