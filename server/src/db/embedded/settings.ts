/**
 * Written into `postgresql.conf` of a new cluster, where the operator may change them. Meant for a
 * machine with 2 cores and 1 to 2 GB that also runs Node.
 */
export const defaultSettings: Readonly<Record<string, string>> = {
  // PostgreSQL's own default; the kernel's page cache does the rest, and Node needs the memory.
  shared_buffers: '128MB',
  // The pools of a server, of its workers and of a few commands; an idle backend costs about 5 MB.
  max_connections: '100',
  // Every statement of the order path takes milliseconds: compiling one only costs memory.
  jit: 'off',
  // Workers take the cores orders need, and their segments overflow a container's 64 MB /dev/shm.
  max_parallel_workers_per_gather: '0',
  // A panel that grows fast is looked at before its plans are far from what it has.
  autovacuum_naptime: '10s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Nothing rotates the log while the server runs: no line per checkpoint (every 5 minutes).
  log_checkpoints: 'off',
  // DETAIL prints whole rows of customers on every refused constraint; clients still receive it.
  log_error_verbosity: 'terse',
  // Statements may carry values in clear; the panel logs its own failures.
  log_min_error_statement: 'panic',
};

/**
 * Given on the command line, after everything else, so that no file and no caller turns them off:
 * what was answered with success is there after any crash, nobody reaches it over a network, and
 * whoever leaves last finds nothing that still works for one who is gone.
 */
export const fixedSettings: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  listen_addresses: '',
  // A long statement would else go on until it is done, and then find that nobody listens.
  client_connection_check_interval: '1s',
};

/** The lines of a configuration file. */
export function renderSettings(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  return `\n# Panelwright's defaults for a small machine.\n${lines.join('')}`;
}

/** The command line arguments `-c name=value`. */
export function settingArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
