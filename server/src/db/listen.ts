import type postgres from 'postgres';
import { type DatabaseTarget, poolOf } from './connect.ts';

export const changeChannel = 'panelwright';
const reconnectMs = 250;

/** What changed: the catalog or settings, or one customer (status, keys, prices). */
export type Change = { kind: 'catalog' } | { kind: 'customer'; customerId: number };

export type ChangeListener = {
  onChange: (change: Change) => void;
  /** Called on every (re)connection: notifications may have been missed before it. */
  onConnect: () => void;
  /** Called when the connection breaks: until `onConnect`, caches can't be trusted. */
  onDisconnect: () => void;
};

/**
 * Listens for changes that any process announces, on a connection of its own that is opened again
 * when it breaks. Resolves once it listens.
 */
export async function listenForChanges(
  target: DatabaseTarget,
  listener: ChangeListener,
): Promise<{ stop: () => Promise<void> }> {
  let isStopped = false;
  let pool: postgres.Sql | undefined;

  async function open(): Promise<void> {
    const hooks = {
      max: 1,
      max_lifetime: null,
      onnotify: (_channel: string, payload: string) => listener.onChange(parseChange(payload)),
      onclose: () => onClose(opened),
    };
    const opened = poolOf(target, hooks);
    pool = opened;
    await opened.unsafe(`listen ${changeChannel}`);
    listener.onConnect();
  }

  /** Also called for an attempt that failed, so attempts go on until one succeeds. */
  function onClose(closed: postgres.Sql): void {
    if (isStopped || closed !== pool) return;
    pool = undefined;
    listener.onDisconnect();
    void closed.end({ timeout: 0 });
    setTimeout(() => {
      if (!isStopped) open().catch(() => {});
    }, reconnectMs).unref();
  }

  await open();
  return {
    stop: async () => {
      isStopped = true;
      await pool?.end({ timeout: 1 });
    },
  };
}

/** The payload of a change, for `pg_notify` in the transaction that makes it. */
export function formatChange(change: Change): string {
  return change.kind === 'catalog' ? 'catalog' : `customer:${change.customerId}`;
}

function parseChange(payload: string): Change {
  const [kind, id] = payload.split(':');
  return kind === 'customer' ? { kind, customerId: Number(id) } : { kind: 'catalog' };
}
