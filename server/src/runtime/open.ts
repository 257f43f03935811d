import { resolve } from 'node:path';
import {
  type Amount,
  AppError,
  type Batcher,
  type Clock,
  type CustomerId,
  createBatcher,
  type Log,
  type Peers,
} from '../base/index.ts';
import { type CatalogStore, createCatalogStore } from '../catalog/index.ts';
import { createKeyring, type Keyring } from '../customers/index.ts';
import {
  type Change,
  connect,
  createStorageWatch,
  type Database,
  type DatabaseTarget,
  type Db,
  isSpread,
  listenForChanges,
  migrate,
  type OpenedTarget,
  openTarget,
  type StorageWatch,
  watchAbandoned,
} from '../db/index.ts';
import { readBalances } from '../ledger/index.ts';
import { createMailer, type Mailer } from '../mail/index.ts';
import { createPlacement, type Placement } from '../orders/index.ts';
import { createGateways, type Gateways } from '../payments/index.ts';
import {
  createUpstreams,
  type PrivateAddresses,
  type Transports,
  type Upstreams,
} from '../providers/index.ts';
import { createSignIn, type SignIn } from '../sign-in/index.ts';
import { readOrCreateSecret } from './secret.ts';

/** What commands and queries work with; every module takes the part it needs. */
export type App = {
  db: Db;
  /** For keys, statuses and balances of the API. */
  reads: Db;
  clock: Clock;
  log: Log;
  catalog: CatalogStore;
  keyring: Keyring;
  placement: Placement;
  balanceReader: Batcher<CustomerId, Amount>;
  upstreams: Upstreams;
  mailer: Mailer;
  signIn: SignIn;
  gateways: Gateways;
  storage: StorageWatch;
};

export type OpenOptions = {
  databaseUrl: string | undefined;
  dataDir: string;
  databaseUser: string;
  /** The database, where somebody has begun to open it already. */
  opening?: Promise<OpenedTarget> | undefined;
  connectionsMax: number;
  /** Encrypts what must be readable again. An embedded panel has its own, in the data directory. */
  secret?: string | undefined;
  /** Default: refuse. */
  privateAddresses?: PrivateAddresses;
  /** The panel's address as users see it, for sign-in and the links of mails. */
  publicUrl?: string | undefined;
  /** Where mails are sent through, and whom they come from. */
  smtpUrl?: string | undefined;
  mailFrom?: string | undefined;
  isProduction?: boolean;
  /** Where Stripe's API is, instead of Stripe's own address. For tests. */
  stripeApi?: URL | undefined;
  /** How providers are reached, instead of by the network. For tests. */
  transports?: Transports | undefined;
  /** The processes that share a port with this one, if there are any. */
  peers?: Peers | undefined;
  clock: Clock;
  log: Log;
};

export type Runtime = {
  app: App;
  database: Database;
  target: DatabaseTarget;
  close: () => Promise<void>;
};

const catalogTtlMs = 30_000;
const balancesPerBatchMax = 1_000;
const balanceBatchesMax = 2;
// A statement costs the server as much as twenty answers do.
const balancePatienceMs = 5;
const balancesWaitingMax = 100_000;

/**
 * Opens the database (the embedded one is started, or adopted when it runs), brings it to this
 * release's schema and builds what commands work with. `close` undoes it in reverse.
 * @throws AppError when the database can't be had, is not durable, or is newer than this release
 */
export async function openRuntime(options: OpenOptions): Promise<Runtime> {
  const { clock, log } = options;
  const { target, stop } = await (options.opening ?? openTarget(options));
  let opened: Database | undefined;
  try {
    const applied = await migrate(target, clock);
    if (applied.length > 0) log.info({ applied }, 'database migrated');
    const storage = createStorageWatch(options);
    const { connectionsMax } = options;
    const isCluster = await isSpread(target);
    const database = connect(target, { connectionsMax, onError: storage.note, isCluster });
    opened = database;
    const services = createServices(database, options, await secretOf(options));
    const app = createApp({ ...services, storage });
    await app.catalog.refresh();
    const listener = await followChanges(target, app);
    const stopWatch = watchAbandoned(database.db, log);
    return {
      app,
      database,
      target,
      close: async () => {
        await app.placement.idle();
        // A database that is gone must not keep the process from ending.
        await app.upstreams
          .close()
          .catch((error: unknown) => log.warn({ error }, "providers' health is not stored"));
        app.mailer.close();
        await stopWatch();
        await listener.stop();
        await database.close();
        await stop();
      },
    };
  } catch (error) {
    await opened?.close();
    await stop();
    throw error;
  }
}

/** Undefined beside an external database: several machines may use it, and must share a secret. */
async function secretOf(options: OpenOptions): Promise<string | undefined> {
  if (options.secret !== undefined || options.databaseUrl !== undefined) return options.secret;
  return readOrCreateSecret(resolve(options.dataDir));
}

type Services = Pick<
  App,
  'db' | 'reads' | 'clock' | 'log' | 'upstreams' | 'mailer' | 'signIn' | 'gateways'
>;

/** What depends on the settings. */
function createServices(
  { db, reads }: Database,
  options: OpenOptions,
  secret: string | undefined,
): Services {
  const { clock, log, publicUrl, smtpUrl, isProduction = false, transports } = options;
  const privateAddresses = options.privateAddresses ?? 'refuse';
  return {
    ...{ db, reads, clock, log },
    upstreams: createUpstreams({ db, clock, secret, privateAddresses, transports }),
    mailer: createMailer({ smtpUrl, from: options.mailFrom, isProduction, secret, log }),
    gateways: createGateways({ secret, stripeApi: options.stripeApi }),
    signIn: createSignIn({ db, clock, log }, { secret, publicUrl, peers: options.peers }),
  };
}

function createApp(base: Services & Pick<App, 'storage'>): App {
  return {
    ...base,
    catalog: createCatalogStore(base),
    keyring: createKeyring(base),
    placement: createPlacement(base),
    balanceReader: createBatcher<CustomerId, Amount>({
      itemsMax: balancesPerBatchMax,
      inFlightMax: balanceBatchesMax,
      patienceMs: balancePatienceMs,
      waitingMax: balancesWaitingMax,
      run: async (customerIds) => {
        const balances = await readBalances(base.reads, [...new Set(customerIds)]);
        return customerIds.map(
          (id) => balances.get(id) ?? new AppError('not_found', `no customer ${id}`),
        );
      },
    }),
  };
}

/** Keeps the caches true: by notification, and by time in case one is lost. */
async function followChanges(
  target: DatabaseTarget,
  app: App,
): Promise<{ stop: () => Promise<void> }> {
  let refreshing: Promise<void> = Promise.resolve();
  const refresh = () => {
    refreshing = app.catalog
      .refresh()
      .catch((error: unknown) => app.log.error({ error }, 'catalog refresh'));
  };
  const listener = await listenForChanges(target, {
    onChange: (change: Change) => {
      app.keyring.onChange(change);
      if (change.kind === 'catalog') refresh();
    },
    onConnect: () => {
      app.keyring.setTrusted(true);
      refresh();
    },
    onDisconnect: () => app.keyring.setTrusted(false),
  });
  const timer = setInterval(refresh, catalogTtlMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await listener.stop();
      // The database is closed next; a load under way would take that for a failure.
      await refreshing;
    },
  };
}
