import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Actor, Log } from '../base/index.ts';
import { type ProvidersCtx, readProviders, updateProvider } from '../providers/index.ts';
import { createSandbox, serveSandbox } from '../sandbox/index.ts';

const journalName = 'sandbox.jsonl';
const actor: Actor = { kind: 'system', name: 'sandbox' };

/**
 * Serves the sandbox provider of a demo, if the panel has one, on a free port of this machine, and
 * tells the panel where it is now and by which key it answers. What was ordered there is in a file
 * of the data directory, so a restart goes on delivering.
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
  return async () => {
    await stop();
    sandbox.close();
  };
}
