import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Actor, AppError, type Log, type ProviderId } from '../base/index.ts';
import { syncProvider } from '../catalog/index.ts';
import { type ProvidersCtx, readProviders, updateProvider } from '../providers/index.ts';
import { createSandbox, serveSandbox } from '../sandbox/index.ts';

const journalName = 'sandbox.jsonl';
const actor: Actor = { kind: 'system', name: 'sandbox' };

/**
 * Serves the sandbox provider of a demo, if the panel has one, on a free port of this machine, and
 * tells the panel where it is now and by which key it answers. Its catalog is fetched the first
 * time, so that each order has a cost. What was ordered there is in a file of the data directory,
 * so a restart goes on delivering.
 * @returns what stops it, or undefined when there is none
 */
export async function startSandbox(
  ctx: ProvidersCtx & { log: Log },
  dataDir: string,
): Promise<(() => Promise<void>) | undefined> {
  const provider = (await readProviders(ctx.db)).find(({ isSandbox }) => isSandbox);
  if (provider === undefined) return undefined;
  const key = randomBytes(24).toString('hex');
  const sandbox = createSandbox({
    key,
    clock: ctx.clock,
    journalFile: join(dataDir, journalName),
    balance: '10000.00',
  });
  const { url, stop } = await serveSandbox(sandbox, { host: '127.0.0.1', port: 0 });
  await updateProvider(ctx, actor, { providerId: provider.id, changes: { url, key } });
  ctx.log.info({ url }, 'the sandbox provider of the demo is served');
  if (provider.syncedAt === null) await fetchCatalog(ctx, provider.id);
  return async () => {
    await stop();
    sandbox.close();
  };
}

/** The panel starts without it, too: staff can fetch it later. */
async function fetchCatalog(ctx: ProvidersCtx & { log: Log }, providerId: ProviderId) {
  try {
    await syncProvider(ctx, actor, providerId);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    ctx.log.warn({ error }, 'the catalog of the sandbox provider was not fetched');
  }
}
