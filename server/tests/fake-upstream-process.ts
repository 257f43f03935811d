import { createSandbox, type SandboxOptions, serveSandbox } from '../src/sandbox/index.ts';

// A sandbox as a process of its own, so that a test can kill it, or survive being killed beside it.
// Started as `fake-upstream-process.ts SETTINGS`; prints where it listens. It ends when its parent
// closes its standard input, which the death of the parent does too, or when its time is over.

export type ProcessSettings = {
  sandbox: Omit<SandboxOptions, 'clock'>;
  controlToken: string;
  port: number;
  lifeMs: number;
  /** Where its clock stands still; without it the clock is the system's. */
  now?: string;
};

// It comes from `startFakeUpstream`.
const settings = JSON.parse(process.argv[2] ?? '{}') as ProcessSettings;
let standing = settings.now === undefined ? undefined : new Date(settings.now);

const sandbox = createSandbox({
  ...settings.sandbox,
  clock: { now: () => standing ?? new Date() },
});
const served = await serveSandbox(sandbox, {
  host: '127.0.0.1',
  port: settings.port,
  controlToken: settings.controlToken,
  setNow: (now) => {
    standing = now;
  },
});
process.stdin.on('close', () => process.exit(0));
process.stdin.resume();
setTimeout(() => process.exit(1), settings.lifeMs);
process.stdout.write(`${JSON.stringify({ url: served.url, controlUrl: served.controlUrl })}\n`);
