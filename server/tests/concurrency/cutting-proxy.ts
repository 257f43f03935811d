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
 * Tells whether a client's bytes carry out a commit: as a query, or a Bind of what Parse named so.
 * The client sends whole messages and one statement at a time, so none is split here.
 */
function createCommitDetector(): (data: Buffer) => boolean {
  const commits = new Set<string>();
  let isStarted = false;
  return (data) => {
    // The startup message alone has no type.
    if (!isStarted) {
      isStarted = true;
      return false;
    }
    let found = false;
    for (let at = 0; at + 5 <= data.length; at += 1 + data.readUInt32BE(at + 1)) {
      const type = String.fromCharCode(data[at] ?? 0);
      const body = data.subarray(at + 5, at + 1 + data.readUInt32BE(at + 1));
      const [first = '', second = ''] = body.toString('latin1').split('\0');
      if (type === 'P' && second === 'commit') commits.add(first);
      if (type === 'B' && commits.has(second)) found = true;
      if (type === 'Q' && first === 'commit') found = true;
    }
    return found;
  };
}
