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
  let stopped = false;
  let pool: postgres.Sql | undefined;

  async function open(): Promise<void> {
    const hooks = {
      max: 1,
      max_lifetime: null,
      onnotify: (_channel: string, payload: string) => listener.onChange(parseChange(payload)),
      onclose: () => {
        if (stopped) return;
        listener.onDisconnect();
        setTimeout(reopen, reconnectMs).unref();
      },
    };
    pool = poolOf(target, hooks);
    await pool.unsafe(`listen ${changeChannel}`);
    listener.onConnect();
  }

  function reopen(): void {
    if (stopped) return;
    const broken = pool;
    // A failed attempt closes its connection too, which comes back here.
    open().catch(() => {});
    void broken?.end({ timeout: 0 });
  }

  await open();
  return {
    stop: async () => {
      stopped = true;
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
