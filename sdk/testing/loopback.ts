import { createServer, type RequestListener } from 'node:http';

/** An HTTP server of this process, closed with `await using`. */
export type Loopback = { url: string; [Symbol.asyncDispose]: () => Promise<void> };

/** Serves on a free loopback port. */
export async function openLoopback(listener: RequestListener): Promise<Loopback> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/api/v2`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
