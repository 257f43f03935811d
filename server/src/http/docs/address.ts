import type { Context } from 'hono';

/** Where this panel is, as a customer's browser sees it: no slash at the end. */
export type PanelAddress = {
  /** Scheme, host and the path prefix of a proxy, if any. */
  base: string;
  host: string;
  /** The path prefix alone, for links within the page. */
  prefix: string;
};

// Strict, because the address also stands in shell commands that readers copy.
const hostForm =
  /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i;
const unknownHost = 'panel.example';

/**
 * The configured address, else the one the request was made to. `X-Forwarded-Proto` is believed
 * from anyone: it changes nothing but the scheme in the caller's own copy of the page.
 */
export function panelAddress(c: Context, publicUrl: string | undefined): PanelAddress {
  if (publicUrl !== undefined) {
    const url = new URL(publicUrl);
    const prefix = url.pathname.replace(/\/+$/, '');
    return { base: `${url.origin}${prefix}`, host: url.host, prefix };
  }
  const asked = c.req.header('Host') ?? '';
  const host = hostForm.test(asked) ? asked : unknownHost;
  const isSecure = c.req.header('X-Forwarded-Proto')?.toLowerCase() === 'https';
  return { base: `${isSecure ? 'https' : 'http'}://${host}`, host, prefix: '' };
}
