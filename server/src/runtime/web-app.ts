import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Log } from '../base/index.ts';

const buildScript = new URL('../../../web/build.js', import.meta.url);

/**
 * Builds the web app if its sources are newer than what was built, as after an update that was
 * installed without its scripts. In a process of its own: a build takes memory a server should
 * not keep. A failure leaves the panel without pages, but taking orders.
 */
export async function prepareWebApp(log: Log): Promise<void> {
  try {
    const { isBuilt }: { isBuilt: () => boolean } = await import(buildScript.href);
    if (isBuilt()) return;
    log.info({}, 'building the web app');
    await promisify(execFile)(process.execPath, [fileURLToPath(buildScript)]);
  } catch (error) {
    log.error({ error }, 'the web app could not be built; the API works without it');
  }
}
