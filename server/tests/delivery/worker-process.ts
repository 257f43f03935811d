import { createLog } from '../../src/base/index.ts';
import { serve } from '../../src/runtime/index.ts';

// `serve --role worker` on a clock that goes faster than the system's, so that leases end and
// providers are asked again within a test. Started as `worker-process.ts SETTINGS`; prints a line
// when it works. It ends as `serve` does, or when its parent closes its standard input.

export type WorkerSettings = {
  databaseUrl: string;
  secret: string;
  clock: FastClock;
};

/** Time since `epochMs` of the system's clock counts so many times, from `startMs` on. */
export type FastClock = { epochMs: number; startMs: number; factor: number };

// It comes from `startFastWorker`.
const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
const { epochMs, startMs, factor } = settings.clock;

const running = await serve({
  role: 'worker',
  host: '127.0.0.1',
  port: 0,
  publicUrl: undefined,
  isProxyTrusted: false,
  isProduction: false,
  databaseUrl: settings.databaseUrl,
  dataDir: '',
  databaseUser: '',
  connectionsMax: 8,
  secret: settings.secret,
  privateAddresses: 'allow',
  clock: { now: () => new Date(startMs + (Date.now() - epochMs) * factor) },
  log: createLog('silent'),
});
process.on('SIGTERM', () => void running.stop().then(() => process.exit(0)));
process.stdin.on('close', () => process.exit(1));
process.stdin.resume();
process.stdout.write('working\n');
