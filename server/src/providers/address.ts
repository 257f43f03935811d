import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Whether providers may be on loopback, private and other addresses that are not public. */
export type PrivateAddresses = 'allow' | 'refuse';

export type Address = { address: string; family: number };

/** Resolves a name to all its addresses, as `dns.lookup` does by default. */
export type Resolver = (hostname: string) => Promise<Address[]>;

/** What the error of a refused address carries as its `code`. */
export const privateAddressCode = 'PRIVATE_ADDRESS';

/** Special-purpose IPv4 ranges: none of them is a host on the internet. */
const notPublicV4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** Of 2000::/3: IETF protocols (Teredo among them), documentation, 6to4, which holds an IPv4. */
const notPublicV6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const v4 = blockListOf(notPublicV4, 'ipv4');
const v6 = blockListOf(notPublicV6, 'ipv6');
// All public IPv6 is here; outside lie ::1, mapped and translated IPv4, fc00::/7, fe80::/10 and
// ff00::/8.
const globalV6 = blockListOf([['2000::', 3]], 'ipv6');

function blockListOf(ranges: readonly [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of ranges) list.addSubnet(net, prefix, family);
  return list;
}

/** Whether an IP address is a host on the public internet. False for what is no address. */
export function isPublicAddress(text: string): boolean {
  const address = text.replace(/%.*$/, '');
  const family = isIP(address);
  if (family === 4) return !v4.check(address, 'ipv4');
  return family === 6 && globalV6.check(address, 'ipv6') && !v6.check(address, 'ipv6');
}

/** The IP address a URL names itself, in whatever spelling; undefined for a name. */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 ? undefined : host;
}

/** An error for an address that the settings refuse. */
export function privateAddressError(): Error {
  return Object.assign(new Error('the address is not a public one'), { code: privateAddressCode });
}

/**
 * A look-up that connects nowhere but to addresses it has checked: the name is resolved once, and
 * unless every one of its addresses is public, all are refused. What it answers is what the socket
 * connects to, so a name that changes its mind in between gains nothing.
 */
export function createCheckedLookup(
  privateAddresses: PrivateAddresses,
  resolve: Resolver = resolveAll,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        const [first] = found;
        const isRefused =
          privateAddresses === 'refuse' && !found.every((one) => isPublicAddress(one.address));
        if (first === undefined) callback(notFound(hostname), '', 0);
        else if (isRefused) callback(privateAddressError(), '', 0);
        else if (options.all === true) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

function resolveAll(hostname: string): Promise<Address[]> {
  return dns.promises.lookup(hostname, { all: true });
}

function notFound(hostname: string): Error {
  return Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' });
}
