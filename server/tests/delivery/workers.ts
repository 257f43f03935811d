import { type FailpointName, setFailpoint, silentLog } from '../../src/base/index.ts';
import { createDeliveryQueues } from '../../src/fulfilment/index.ts';
import { type App, openRuntime } from '../../src/runtime/index.ts';
import { type TestPanel, testSecret } from '../harness.ts';
import type { Upstream } from './upstream.ts';

/** Another worker's connections, caches and queue of answers, on the panel's database and clock. */
export type SecondWorker = { app: App; ctx: Upstream['ctx']; close: () => Promise<void> };

/** Opens a second worker; close it before the panel. */
export async function openSecondWorker(panel: TestPanel): Promise<SecondWorker> {
  const runtime = await openRuntime({
    databaseUrl: panel.databaseUrl,
    dataDir: '',
    databaseUser: '',
    connectionsMax: 6,
    secret: testSecret,
    privateAddresses: 'allow',
    clock: panel.clock,
    log: silentLog,
  });
  const ctx = {
    ...runtime.app,
    ...createDeliveryQueues(runtime.app),
  };
  return { app: runtime.app, ctx, close: runtime.close };
}

/** Makes the next worker that comes to this point go no further, as a killed one does. */
export function dieAt(name: FailpointName): void {
  setFailpoint(name, () => {
    setFailpoint(name);
    throw new Error(`killed at ${name}`);
  });
}

/** Stops the next worker that comes to this point, until it is let go. */
export function pauseAt(name: FailpointName): { reached: Promise<void>; release: () => void } {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  setFailpoint(name, () => {
    setFailpoint(name);
    reached.resolve();
    return released.promise;
  });
  return { reached: reached.promise, release: released.resolve };
}
