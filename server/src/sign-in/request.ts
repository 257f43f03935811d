/** Where the library reads the client's address: set by us, whatever the client has sent. */
export const addressHeader = 'x-panelwright-address';

/** A request as the library has to see it: under the panel's own origin, from a checked address. */
export async function restate(
  request: Request,
  client: { address: string; origin: string },
): Promise<Request> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.delete(addressHeader);
  if (client.address !== '') headers.set(addressHeader, client.address);
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  return new Request(`${client.origin}${pathname}${search}`, {
    method: request.method,
    headers,
    ...(hasBody ? { body: await request.text() } : {}),
  });
}
