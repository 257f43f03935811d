import {
  type Actor,
  type Amount,
  type Clock,
  type CustomerId,
  createLog,
  type OrderId,
  type PaymentId,
  type PaymentMethodId,
  type ProviderId,
  parseAmount,
  type ServiceId,
  setFailpoint,
} from '../../src/base/index.ts';
import { createCustomer, createKey } from '../../src/customers/index.ts';
import { connect, type Database } from '../../src/db/index.ts';
import { createDeliveryQueues, type ForwardCtx, type PollCtx } from '../../src/fulfilment/index.ts';
import { addFunds } from '../../src/payments/index.ts';
import { type App, openRuntime, type Runtime } from '../../src/runtime/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { cloneDatabase, dropDatabase, testSecret } from '../../tests/harness.ts';
import { createRandom } from '../../tests/random.ts';
import { type Api, openApi } from './api.ts';
import { type Faults, openFaults } from './broken.ts';
import { createNetwork, type Gate, type Network } from './network.ts';
import { openMethods } from './payments.ts';
import { openShop } from './shop.ts';

export const staff: Actor = { kind: 'staff', name: 'mallory', access: 'full' };

/** A mistake that is made on purpose, to see it found. */
export type Plant = 'none' | 'double_refund' | 'sends_twice';

export type Customer = {
  id: CustomerId;
  key: string;
  /** Keys that must not work any more. */
  oldKeys: string[];
  discount: bigint;
  own: Map<ServiceId, bigint>;
  isSuspended: boolean;
  /** What was paid in and adjusted, in 10⁻⁸. */
  credits: bigint;
};

export type Service = {
  id: ServiceId;
  /** In 10⁻⁵. */
  list: bigint;
  min: number;
  max: number;
  isEnabled: boolean;
  type: string;
  hasRuns: boolean;
  deniesDuplicates: boolean;
  /** Follows its provider's price: what it costs is read after each sync. */
  isImported: boolean;
};

/** How what is unknown at a provider can be found out. */
export type ProviderKind = 'by_request_id' | 'by_ids' | 'by_staff';

export type Provider = {
  id: ProviderId;
  kind: ProviderKind;
  /** For staff alone, as are its host and key: none of them may reach a customer. */
  name: string;
  host: string;
  key: string;
  sandbox: Sandbox;
};

/** An order as it was asked for and answered. */
export type Order = {
  id: OrderId;
  customer: Customer;
  charge: bigint;
  link: string;
  isParent: boolean;
  request: Readonly<Record<string, string>> | null;
};

/** An order whose answer was lost: it is there whole, or not at all. */
export type LostOrder = Omit<Order, 'id'>;

/** A payment that a customer has begun; `amount` is what came, if staff know better. */
export type Payment = {
  id: PaymentId;
  customer: Customer;
  methodId: PaymentMethodId;
  amount: Amount;
};

/** Work of a worker that waits for an answer. */
export type Pass = { gate: Gate; done: Promise<string> };

/** What the world itself knows, beside the panel. */
export type Model = {
  customers: Customer[];
  services: Service[];
  orders: Map<OrderId, Order>;
  lost: LostOrder[];
  /** Second attempts that staff have agreed to, by what is ordered. */
  consents: Map<string, number>;
  /** What upstreams said something else of later than they had taken it. */
  changed: Set<string>;
  methods: PaymentMethodId[];
  payments: Payment[];
};

export type World = {
  app: App;
  api: Api;
  ctx: ForwardCtx & PollCtx;
  owner: Database;
  clock: WorldClock;
  network: Network;
  providers: Provider[];
  faults: Faults;
  passes: Pass[];
  model: Model;
  logged: string[];
  plant: Plant;
  /** Whether upstreams tell lies that nobody can see through. */
  isHonest: boolean;
  /** Ends the process of the panel and starts another on the same database. */
  restart: () => Promise<void>;
  close: () => Promise<void>;
};

/** The time of a world. Its panel's clock can be wrong, upstreams have clocks of their own. */
export type WorldClock = { advance: (ms: number) => void; jump: (ms: number) => void };

const start = Date.parse('2026-03-01T12:00:00Z');
const connectionsMax = 6;
const customersMax = 4;

/** Opens a world: a panel on a database of its own, upstreams, customers with funds. */
export async function openWorld(seed: number, plant: Plant = 'none'): Promise<World> {
  const random = createRandom(seed);
  const databaseUrl = await cloneDatabase();
  const time = { ms: start, aheadMs: 0 };
  const clock: WorldClock = {
    advance: (ms) => {
      time.ms += ms;
    },
    jump: (ms) => {
      time.aheadMs += ms;
    },
  };
  const logged: string[] = [];
  const faults = openFaults();
  const network = createNetwork({
    pass: clock.advance,
    onHeld: faults.onHeld,
    mayHold: faults.isWatched,
    sendsTwice: plant === 'sends_twice',
  });
  const open = () => openPanel({ databaseUrl, time, network, logged });
  let panel = await open();
  const owner = connect({ url: databaseUrl }, { connectionsMax: 2, asOwner: true });
  const world: World = {
    ...partsOf(panel.runtime.app),
    ...{ owner, clock, network, faults, logged, plant },
    providers: [],
    passes: [],
    isHonest: random(2) === 0,
    model: {
      customers: [],
      services: [],
      orders: new Map(),
      lost: [],
      consents: new Map(),
      changed: new Set(),
      methods: [],
      payments: [],
    },
    restart: async () => {
      await leave(world, panel);
      panel = await open();
      Object.assign(world, partsOf(panel.runtime.app));
    },
    close: async () => {
      await leave(world, panel);
      await owner.close();
      await dropDatabase(databaseUrl);
    },
  };
  const upstreamClock: Clock = { now: () => new Date(time.ms) };
  await openShop(world, { random, clock: upstreamClock });
  await openMethods(world);
  for (let count = 2 + random(customersMax - 1); count > 0; count -= 1) await addCustomer(world);
  return world;
}

type Panel = { runtime: Runtime; kill: () => void };
type Time = { ms: number; aheadMs: number };

async function openPanel(options: {
  databaseUrl: string;
  time: Time;
  network: Network;
  logged: string[];
}): Promise<Panel> {
  const { time, logged } = options;
  let isDead = false;
  const clock: Clock = {
    now: () => new Date(time.ms + time.aheadMs),
    pass: async (ms) => {
      // What waits in a process that is dead waits for ever.
      if (isDead) await new Promise(() => {});
      time.ms += ms;
    },
  };
  const runtime = await openRuntime({
    databaseUrl: options.databaseUrl,
    dataDir: '',
    databaseUser: '',
    connectionsMax,
    secret: testSecret,
    privateAddresses: 'allow',
    transports: options.network.transports,
    clock,
    log: createLog('info', { write: (line) => logged.push(line) }),
  });
  const kill = () => {
    isDead = true;
  };
  return { runtime, kill };
}

function partsOf(app: App): Pick<World, 'app' | 'api' | 'ctx'> {
  return {
    app,
    api: openApi(app),
    ctx: { ...app, ...createDeliveryQueues(app) },
  };
}

const afterAnswers = [
  'forward.after_send',
  'poll.after_reply',
  'refill.after_send',
  'cancel.after_send',
] as const;

/** Ends a process: what it waits for is never answered to anybody. */
async function leave(world: World, panel: Panel): Promise<void> {
  world.faults.clear();
  world.network.dropHold();
  panel.kill();
  await panel.runtime.close();
  for (const name of afterAnswers) setFailpoint(name, () => new Promise(() => {}));
  for (const { gate, done } of world.passes.splice(0)) {
    done.catch(() => {});
    gate.open('break');
  }
  for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  for (const name of afterAnswers) setFailpoint(name);
}

/** What upstreams have in a world that a customer of the panel must never read. */
export function secretsOf({ providers }: World): string[] {
  return providers.flatMap(({ name, host, key }) => [name, host, key]);
}

const startFunds = '40';

async function addCustomer(world: World): Promise<void> {
  const { app, model } = world;
  const name = `Customer ${model.customers.length + 1}`;
  const id = await createCustomer(app, staff, { name });
  const credits = parseAmount(startFunds, 'funds');
  await addFunds(app, staff, { customerId: id, amount: credits, reference: 'start' });
  const { key } = await createKey(app, staff, { customerId: id, name: 'default' });
  const given = { id, key, credits, discount: 0n, isSuspended: false };
  model.customers.push({ ...given, oldKeys: [], own: new Map() });
}
