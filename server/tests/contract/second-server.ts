import { silentLog } from '../../src/base/index.ts';
import { startHttp } from '../../src/http/index.ts';
import { type App, openRuntime } from '../../src/runtime/index.ts';
import type { TestPanel } from '../harness.ts';

/** Another server on the panel's database, with caches of its own, as a second process has them. */
export type SecondServer = { app: App; url: string; close: () => Promise<void> };

const connectionsMax = 4;
const deadlineMs = 1_000;

/** Opens a second server, where people sign in if it has the secret; close it before the panel. */
export async function openSecondServer(panel: TestPanel, secret?: string): Promise<SecondServer> {
  const runtime = await openRuntime({
    databaseUrl: panel.databaseUrl,
    dataDir: '',
    databaseUser: '',
    connectionsMax,
    ...(secret === undefined ? {} : { secret }),
    clock: panel.clock,
    log: silentLog,
  });
  const http = await startHttp(runtime.app, {
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    isProxyTrusted: true,
  });
  return {
    app: runtime.app,
    url: http.url,
    close: async () => {
      await http.stop();
      await runtime.close();
    },
  };
}

/**
 * Reads until what is read passes the check, for at most the second in which the server promises
 * every process to see a change. Answers what was read last.
 */
export async function readWithinASecond<T>(
  read: () => Promise<T>,
  isSeen: (value: T) => boolean,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  let value = await read();
  while (!isSeen(value) && performance.now() < deadline) value = await read();
  return value;
}
