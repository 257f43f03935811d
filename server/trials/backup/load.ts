import { EventEmitter, once } from 'node:events';
import { type Clock, secondMs } from '../../src/base/index.ts';
import { createDueRuns } from '../../src/orders/index.ts';
import { openUpstream } from '../../tests/delivery/upstream.ts';
import { makeCustomer } from '../../tests/factories.ts';
import { openTestPanel } from '../../tests/harness.ts';
import type { Random } from '../../tests/random.ts';

/** A panel that takes, sends and follows orders all the time. */
export type Load = {
  databaseUrl: string;
  clock: Clock;
  /** Orders whose numbers callers have, with their links. */
  acknowledged: () => ReadonlyMap<string, string>;
  /** Resolves when so many more orders have been answered; some more follow, and no more. */
  untilMore: (orders: number) => Promise<void>;
  /** The numbers of all orders that there are now. */
  orderIds: () => Promise<Set<string>>;
  verify: () => Promise<void>;
  stop: () => Promise<void>;
};

const callers = 4;
const customersMax = 3;
/** Orders that go on while a moment is looked at: a backup is taken under load. */
const ordersAfterMax = 100;
const roundMs = 10 * secondMs;
const kinds = ['plain', 'plain', 'plain', 'drip'] as const;

/** Starts it: some callers over HTTP, and the work of a worker, each as fast as it can. */
export async function startLoad(random: Random): Promise<Load> {
  const panel = await openTestPanel({ connectionsMax: 10 });
  const upstream = await openUpstream(panel);
  const service = await upstream.sell({ dripfeed: true });
  const keys: string[] = [];
  for (let made = 0; made < customersMax; made += 1) {
    keys.push((await makeCustomer(panel, { funds: '1000000' })).key);
  }
  const acknowledged = new Map<string, string>();
  const told = new EventEmitter();
  let isDone = false;
  let links = 0;
  let allowed = 0;

  async function callOn(): Promise<void> {
    while (!isDone) {
      if (links >= allowed) {
        await once(told, 'more');
        continue;
      }
      const key = keys[random(keys.length)] ?? '';
      links += 1;
      const link = `https://example.com/moment/${links}`;
      const isDrip = kinds[random(kinds.length)] === 'drip';
      const fields = { key, action: 'add', service, link, quantity: 50 };
      const reply = Object(await panel.call(isDrip ? { ...fields, runs: 2, interval: 1 } : fields));
      if (reply.order === undefined) throw new Error(`refused: ${JSON.stringify(reply)}`);
      acknowledged.set(String(reply.order), link);
      told.emit('order');
    }
  }

  async function workOn(): Promise<void> {
    while (!isDone) {
      panel.clock.advance(roundMs);
      await createDueRuns(panel.app);
      await upstream.forward();
      await upstream.poll();
    }
  }

  const { ended, all } = watch([workOn(), ...Array.from({ length: callers }, callOn)]);
  return {
    databaseUrl: panel.databaseUrl,
    clock: panel.clock,
    acknowledged: () => acknowledged,
    untilMore: async (orders) => {
      const wanted = acknowledged.size + orders;
      allowed = links + orders + ordersAfterMax;
      told.emit('more');
      while (acknowledged.size < wanted) await once(told, 'order', { signal: ended.signal });
    },
    orderIds: async () => {
      const rows = await panel.app.db.selectFrom('orders').select('id').execute();
      return new Set(rows.map(({ id }) => String(id)));
    },
    verify: panel.verify,
    stop: async () => {
      isDone = true;
      told.emit('more');
      try {
        await all;
      } finally {
        await upstream.close();
        await panel.close();
      }
    },
  };
}

/** A loop that fails is told to whoever waits for orders, and to whoever waits for the end. */
function watch(loops: readonly Promise<void>[]) {
  const ended = new AbortController();
  const all = Promise.all(loops);
  all.catch((error: unknown) => ended.abort(error));
  return { ended, all };
}
