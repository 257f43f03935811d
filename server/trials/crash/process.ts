import { createInterface } from 'node:readline';
import { createLog, systemClock } from '../../src/base/index.ts';
import { readConfig } from '../../src/config.ts';
import { openRuntime, serve } from '../../src/runtime/index.ts';
import { carryOut } from './commands.ts';
import { setFailpointFrom } from './points.ts';

// What is killed: `process.ts api|worker` serves as `panelwright serve --role` does, and
// `process.ts command JSON` carries out one command of staff and ends. `CRASH_AT` sets a failpoint
// from the start, a line on standard input one later. It ends when its parent closes that.

const [role = '', text = ''] = process.argv.slice(2);
const config = readConfig(process.env);
const log = createLog(config.logLevel);
const options = { ...config, clock: systemClock, log };
if (process.env.CRASH_AT) setFailpointFrom(process.env.CRASH_AT);
if (role === 'command') {
  const runtime = await openRuntime({ ...options, connectionsMax: 4 });
  await carryOut(runtime.app, JSON.parse(text));
  await runtime.close();
} else if (role === 'api' || role === 'worker') {
  const running = await serve({ ...options, role });
  process.on('SIGTERM', () => void running.stop().then(() => process.exit(0)));
  const lines = createInterface(process.stdin);
  lines.on('line', setFailpointFrom);
  lines.on('close', () => process.exit(1));
  process.stdout.write('serving\n');
} else throw new Error(`no role: ${role}`);
