import { TransportError, type TransportReply, type TransportRequest } from '@panelwright/sdk';
import type { Transports } from '../../src/providers/index.ts';
import type { Reply, Sandbox } from '../../src/sandbox/index.ts';

/** Where a fake upstream is reached. */
type Host = {
  sandbox: Sandbox;
  /** What its provider's orders may take; the world's clock moves on by it when a reply hangs. */
  timeoutMs: number;
  /** Nothing listens there. */
  isDown: boolean;
};

/** How a call that waits goes on: as it was made, or by a broken connection. */
export type Gate = { open: (how: 'answer' | 'break') => void };

/**
 * The way to the fake upstreams of a world, without sockets: what a reply's wire does to it is done
 * here, and time-outs pass on the world's clock.
 */
export type Network = {
  transports: Transports;
  hosts: Map<string, Host>;
  /** Makes the next call wait, before or after the upstream has done what it asks for. */
  holdNext: (when: 'before' | 'after') => void;
  isHolding: () => boolean;
  /** Lets a call go as usual that was to wait and has not come. */
  dropHold: () => void;
};

export type NetworkOptions = {
  /** Lets the world's time pass. */
  pass: (ms: number) => void;
  /** Told of a call that waits from now on. */
  onHeld: (gate: Gate) => void;
  /** Whether somebody goes on while a call waits. */
  mayHold: () => boolean;
  /** A mistake to plant: each order leaves twice. */
  sendsTwice: boolean;
};

/** Opens the network of a world. */
export function createNetwork(options: NetworkOptions): Network {
  const hosts = new Map<string, Host>();
  let hold: 'before' | 'after' | undefined;

  async function wait(): Promise<void> {
    hold = undefined;
    const gate = Promise.withResolvers<'answer' | 'break'>();
    options.onHeld({ open: gate.resolve });
    if ((await gate.promise) === 'break')
      throw new TransportError('unreachable', { sent: 'maybe' });
  }

  async function exchange(request: TransportRequest): Promise<TransportReply> {
    const { host: name, pathname } = new URL(request.url);
    const host = hosts.get(name);
    if (host === undefined || host.isDown) throw new TransportError('unreachable', { sent: 'no' });
    if (hold === 'before' && options.mayHold()) await wait();
    const fields = new Map(new URLSearchParams(request.body));
    if (options.sendsTwice && fields.get('action') === 'add') host.sandbox.handle(fields, pathname);
    const reply = host.sandbox.handle(fields, pathname);
    if (hold === 'after' && options.mayHold()) await wait();
    return arrive(reply, { request, host, pass: options.pass });
  }

  return {
    hosts,
    transports: { fresh: exchange, kept: exchange, close: () => {} },
    holdNext: (when) => {
      hold = when;
    },
    isHolding: () => hold !== undefined,
    dropHold: () => {
      hold = undefined;
    },
  };
}

type Way = { request: TransportRequest; host: Host; pass: (ms: number) => void };

function arrive(reply: Reply, way: Way): TransportReply {
  const { wire } = reply;
  switch (wire.how) {
    case 'reset':
    case 'reset_after':
      throw new TransportError('unreachable', { sent: 'maybe' });
    case 'hold':
      way.pass(way.host.timeoutMs);
      throw new TransportError('timeout', { sent: 'maybe' });
    case 'endless':
      throw new TransportError('oversized', { sent: 'maybe' });
    case 'send':
    case 'drip': {
      const body = Buffer.from(reply.body);
      if (body.byteLength > way.request.replyBytesMax) {
        throw new TransportError('oversized', { sent: 'maybe' });
      }
      const headers = Object.entries(reply.headers).map(([key, value]) => [
        key.toLowerCase(),
        value,
      ]);
      return { status: reply.status, headers: Object.fromEntries(headers), body };
    }
  }
}
