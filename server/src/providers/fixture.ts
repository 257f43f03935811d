import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { assert } from '../base/index.ts';

/** A server of raw sockets on the loopback, for replies that no HTTP server would give. */
export type RawServer = {
  port: number;
  /** What arrived on each connection, in the order they were opened. */
  received: string[];
  stop: () => Promise<void>;
};

type OnRequest = (socket: Socket, request: string) => void;

/** Calls `onRequest` when a whole request has come. A greeting is said before anybody asks. */
export async function serveRaw(onRequest: OnRequest, greeting = ''): Promise<RawServer> {
  const server = net.createServer((socket) => socket.write(greeting));
  return listen(server, { event: 'connection', onRequest });
}

/** The same behind TLS, with the given self-signed certificate. */
export async function serveTls(
  certificate: { key: string; cert: string },
  onRequest: OnRequest,
): Promise<RawServer> {
  const server = tls.createServer(certificate).on('tlsClientError', () => {});
  return listen(server, { event: 'secureConnection', onRequest });
}

async function listen(
  server: net.Server,
  options: { event: 'connection' | 'secureConnection'; onRequest: OnRequest },
): Promise<RawServer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on(options.event, (socket: Socket) => {
    const at = received.push('') - 1;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const all = `${received[at] ?? ''}${chunk.toString('latin1')}`;
      received[at] = all;
      if (/&action=\w+$/.test(all)) options.onRequest(socket, all);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    port,
    received,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port of the loopback on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = await serveRaw(() => {});
  await server.stop();
  return server.port;
}

export type FakePanel = {
  url: string;
  /** The fields of every call, in order. */
  calls: URLSearchParams[];
  stop: () => Promise<void>;
};

/** A panel that answers what it is told, as JSON. */
export async function servePanel(answer: (fields: URLSearchParams) => unknown): Promise<FakePanel> {
  const calls: URLSearchParams[] = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const fields = new URLSearchParams(body);
    calls.push(fields);
    response.end(JSON.stringify(answer(fields)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}/api/v2`,
    calls,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

// The least of X.509 that a TLS client accepts: a certificate signed by itself, made at run time so
// that no private key lies in the repository.

const objectIds = {
  commonName: '550403',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  ecdsaWithSha256: '2a8648ce3d040302',
};

/** A self-signed certificate for one host name, good for a day around now. */
export function selfSigned(host: string): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(0x30, der(0x31, der(0x30, objectId('commonName'), der(0x0c, text(host)))));
  const algorithm = der(0x30, objectId('ecdsaWithSha256'));
  const extensions = der(
    0xa3,
    der(
      0x30,
      extension('basicConstraints', der(0x30, der(0x01, Buffer.of(0xff)))),
      extension('subjectAltName', der(0x30, der(0x82, text(host)))),
    ),
  );
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    algorithm,
    name,
    der(0x30, time(-1), time(1)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  );
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)]);
  const certificate = der(0x30, body, algorithm, der(0x03, signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  assert(size < 0x10000, 'two bytes hold the length');
  const long = size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.of(tag, ...(size < 0x80 ? [size] : long)), content]);
}

function text(value: string): Buffer {
  return Buffer.from(value, 'ascii');
}

function objectId(name: keyof typeof objectIds): Buffer {
  return der(0x06, Buffer.from(objectIds[name], 'hex'));
}

function extension(name: keyof typeof objectIds, value: Buffer): Buffer {
  return der(0x30, objectId(name), der(0x04, value));
}

function time(daysFromNow: number): Buffer {
  const at = new Date(Date.now() + daysFromNow * 86_400_000).toISOString();
  return der(0x17, text(`${at.slice(2, 19).replace(/[-:T]/g, '')}Z`));
}
