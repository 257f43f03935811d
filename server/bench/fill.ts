import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rollUpDue } from '../src/figures/index.ts';
import { seedLists } from './list-seed.ts';
import { withPanel } from './panel.ts';

/**
 * `npm run bench:fill -- --orders N --customers N --into FOLDER`: a panel of that size, filled by
 * the database itself, to be measured more than once: `npm run bench -- lists --filled FOLDER`.
 */
const { values: given } = parseArgs({
  options: {
    orders: { type: 'string', default: '10000000' },
    customers: { type: 'string', default: '500' },
    into: { type: 'string', default: '' },
  },
});
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)));
}

try {
  const orders = Number(given.orders);
  if (!Number.isInteger(orders) || orders < 10_000) {
    throw new Error('--orders is a whole number from 10000 on');
  }
  const customers = Number(given.customers);
  if (!Number.isInteger(customers) || customers < 500 || customers > orders / 10) {
    throw new Error('--customers is a whole number from 500 to a tenth of the orders');
  }
  if (given.into === '') throw new Error('--into names the folder to fill');
  const folder = resolve(given.into);
  if (existsSync(folder)) throw new Error(`${folder} exists already`);
  await mkdir(folder, { recursive: true });
  const startedMs = performance.now();
  const { signal } = interrupted;
  await withPanel({ folder, signal }, async (panel) => {
    const { sql } = panel.owner;
    // All of it fits between two checkpoints.
    await sql.unsafe(`alter system set max_wal_size = '8GB'`);
    await sql.unsafe('select pg_reload_conf()');
    await seedLists(panel, { orders, customers }, { signal, say });
    say('figures of the days …');
    while ((await rollUpDue(panel.app)) > 0) signal.throwIfAborted();
    await sql.unsafe('alter system reset max_wal_size');
  });
  say(`filled in ${Math.round((performance.now() - startedMs) / 1_000)} s`);
} catch (error) {
  say(`bench:fill: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/** Progress is for people, on stderr. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
