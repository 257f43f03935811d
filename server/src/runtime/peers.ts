import cluster, { type Worker } from 'node:cluster';
import type { Peers } from '../base/index.ts';

/** What processes of one port send each other, by way of their parent. */
type Told = { kind: 'told'; topic: string; message: unknown; from: number; to: number | undefined };

/** In a process that shares its port: those it shares it with. It is started with its number. */
export function joinPeers(number: number, count: number): Peers {
  const listeners = new Map<string, (message: unknown, from: number) => void>();
  process.on('message', (sent) => {
    if (isTold(sent)) listeners.get(sent.topic)?.(sent.message, sent.from);
  });
  return {
    count,
    number,
    tell: (topic, message, to) => {
      send({ kind: 'told', topic, message, from: number, to } satisfies Told);
    },
    hear: (topic, listener) => {
      listeners.set(topic, listener);
    },
  };
}

/** In the parent: passes on what a process tells others. Returns whether it was such a thing. */
export function passOn(sent: unknown, workers: ReadonlyMap<number, Worker>): boolean {
  if (!isTold(sent)) return false;
  for (const [number, worker] of workers) {
    const isMeant = sent.to === undefined ? number !== sent.from : number === sent.to;
    if (isMeant && worker.isConnected()) worker.send(sent, () => {});
  }
  return true;
}

/** Sends something to the parent; a parent that is gone ends this process anyway. */
export function send(message: object): void {
  if (cluster.worker?.isConnected()) cluster.worker.send(message, () => {});
}

function isTold(sent: unknown): sent is Told {
  return Object(sent).kind === 'told';
}
