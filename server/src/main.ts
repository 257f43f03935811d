import { pathToFileURL } from 'node:url';
import { createLog, systemClock } from './base/index.ts';
import { readConfig } from './config.ts';
import { isEmpty, type Role, seedDemo, serve } from './runtime/index.ts';

/* temporary: the CLI takes this over */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  const running = await serve({ ...config, role: 'all' as Role, clock: systemClock, log });
  if (!config.isProduction && (await isEmpty(running.app))) {
    const demo = await seedDemo(running.app);
    process.stdout.write(`key ${demo.key}\n`);
  }
  process.stdout.write(`${running.url}\n`);
  const stop = async () => {
    await running.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

void pathToFileURL;
await main();
