import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const defaultPort = 5432;

export type CuttingProxy = {
  /** The database's URL through the proxy. */
  url: string;
  /** Cuts the connection of the next commit: before it arrives, or after it was carried out. */
  cutNextCommit: (when: 'before' | 'after') => void;
  /** How many commits were cut so far. */
  cuts: () => number;
  close: () => Promise<void>;
};

/**
 * Stands between a client and PostgreSQL and, when told, cuts a connection around its commit, so
 * that the client can't know whether the commit arrived.
 */
export async function openCuttingProxy(databaseUrl: string): Promise<CuttingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let next: 'before' | 'after' | undefined;
  let cuts = 0;

  const server = createServer((client) => {
    const upstream = connectUpstream(target);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {});
    }
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.destroy());
    const isCommit = createCommitDetector();
    let isCut = false;
    upstream.on('data', (data: Buffer) => {
      // After a commit the first that comes back is its outcome: it is done, and nobody hears it.
      if (isCut) client.destroy();
      else client.write(data);
    });
    client.on('data', (data: Buffer) => {
      if (isCommit(data) && next !== undefined) {
        const when = next;
        next = undefined;
        cuts += 1;
        isCut = true;
        if (when === 'before') return void client.destroy();
      }
      upstream.write(data);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(databaseUrl);
  url.searchParams.delete('host');
  url.host = `127.0.0.1:${Reflect.get(Object(server.address()), 'port')}`;
  return {
    url: url.href,
    cutNextCommit: (when) => {
      next = when;
    },
    cuts: () => cuts,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function connectUpstream(target: URL): Socket {
  const port = Number(target.port || defaultPort);
  const socketDir = target.searchParams.get('host');
  return socketDir === null
    ? connect(port, target.hostname)
    : connect(`${socketDir}/.s.PGSQL.${port}`);
}

/**
 * Tells whether a client's bytes carry out a commit: of a transaction, or of a statement that is
 * one of its own. What has written nothing, as when the catalog is read, has nothing to lose.
 * A message may come in several parts.
 */
function createCommitDetector(): (data: Buffer) => boolean {
  const commits = new Set<string>();
  const writes = new Set<string>();
  let hasWritten = false;
  let isStarted = false;
  let rest = Buffer.alloc(0);

  function commitsBy(type: string, [first = '', second = '']: readonly string[]): boolean {
    if (type === 'P' && isCommit(second)) commits.add(first);
    if (type === 'P' && isWrite(second)) writes.add(first);
    if (type !== 'B') return false;
    hasWritten ||= writes.has(second);
    if (!commits.has(second)) return false;
    const isOfWork = hasWritten;
    hasWritten = false;
    return isOfWork;
  }

  return (data) => {
    // The startup message alone has no type.
    if (!isStarted) {
      isStarted = true;
      return false;
    }
    let found = false;
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
      const end = 1 + rest.readUInt32BE(1);
      const texts = rest.subarray(5, end).toString('latin1').split('\0');
      if (commitsBy(String.fromCharCode(rest[0] ?? 0), texts)) found = true;
      rest = rest.subarray(end);
    }
    return found;
  };
}

function isWrite(statement: string): boolean {
  return /\b(insert into|update|delete from)\s+\w/.test(statement);
}

function isCommit(statement: string): boolean {
  const isPaidOrder = /\bupdate wallets\b.*\binto orders\b/s.test(statement);
  return statement === 'commit' || isPaidOrder;
}
