import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applicationRole } from '../src/db/index.ts';
import type { Panel } from './panel.ts';
import { runProcess } from './processes.ts';
import type { Session } from './session.ts';

const graceMs = 15_000;
const threads = 2;

/** What a client of pgbench does again and again, with whole numbers to do it with. */
export type PgbenchScript = { text: string; variables: Readonly<Record<string, number>> };

/** Runs each of these numbers of clients for some seconds; the best of them counts. */
export type Pgbench = (load: { clients: readonly number[]; seconds: number }) => Promise<number>;

/**
 * Prepares pgbench on the panel's own database, as the role that the server has. What it answers is
 * transactions per second, connecting not counted.
 */
export async function preparePgbench(
  session: Session,
  panel: Panel,
  script: PgbenchScript,
): Promise<Pgbench> {
  const file = join(session.folder, 'pgbench.sql');
  await writeFile(file, script.text);
  const variables = Object.entries(script.variables).flatMap(([name, n]) => ['-D', `${name}=${n}`]);
  const { host, port, user, password, database } = panel.target;
  const env = {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGOPTIONS: `-c role=${applicationRole} -c TimeZone=UTC`,
  };
  const measure = async (clients: number, seconds: number): Promise<number> => {
    const args = ['-n', '-M', 'prepared', '-f', file, ...variables, '-T', String(seconds)];
    const printed = await runProcess(
      { command: 'pgbench', args: [...args, '-c', String(clients), '-j', String(threads)], env },
      { signal: session.signal, timeoutMs: seconds * 1000 + graceMs },
    );
    if (!/number of failed transactions: 0 /.test(printed)) throw new Error(printed);
    // Many clients may not be connected before a short run on a busy machine is over.
    return Number(/^tps = ([0-9.]+)/m.exec(printed)?.[1] ?? 0);
  };
  return async ({ clients, seconds }) => {
    const runs: number[] = [];
    for (const count of clients) runs.push(await measure(count, seconds));
    const best = Math.max(...runs);
    if (!(best > 0)) throw new Error('pgbench did nothing');
    return best;
  };
}
