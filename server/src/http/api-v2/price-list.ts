import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { formatRate } from '../../base/index.ts';
import { type Catalog, rateFor, type Service } from '../../catalog/index.ts';
import type { PriceTerms } from '../../customers/index.ts';
import { hasTag, takesGzip } from '../packed.ts';
import type { ApiAnswer, ApiCall } from './handler.ts';

/** The reply to `services`, the same bytes until a price of it changes. */
export type PriceList = {
  plain: Buffer;
  /** The same as gzip, packed once and not on the event loop. */
  packed: () => Promise<Buffer>;
  etag: string;
};

function priceListOf(plain: Buffer): PriceList {
  let packed: Promise<Buffer> | undefined;
  return {
    plain,
    packed: () => {
      packed ??= promisify(gzip)(plain);
      return packed;
    },
    etag: `W/"${createHash('sha256').update(plain).digest('base64url')}"`,
  };
}

// 64 MiB hold 20 differently priced lists of 10,000 services; customers without own prices share
// one.
const listsBytesMax = 64 * 1024 * 1024;

/** Renders `services` per catalog and price terms once, and answers the same bytes from then on. */
export function createServicesRenderer(): (catalog: Catalog, terms: PriceTerms) => PriceList {
  const lists = new LRUCache<string, PriceList>({
    maxSize: listsBytesMax,
    // Packed it is a tenth.
    sizeCalculation: ({ plain }) => plain.length + Math.ceil(plain.length / 10) + 1,
  });
  const ownKeys = new WeakMap<PriceTerms['ownRates'], string>();

  /** Says which own prices these are; of thousands it is found once, not per call. */
  function keyOf(rates: PriceTerms['ownRates']): string {
    const known = ownKeys.get(rates);
    if (known !== undefined) return known;
    const text = [...rates].map(([id, rate]) => `${id}:${rate}`).join(',');
    const key = createHash('sha256').update(text).digest('base64url');
    ownKeys.set(rates, key);
    return key;
  }

  return (catalog, terms) => {
    const key = `${catalog.version}/${terms.discountBasisPoints}/${keyOf(terms.ownRates)}`;
    const known = lists.get(key);
    if (known !== undefined) return known;
    const rows = catalog.listed.map((service) => serviceRow(service, catalog, terms));
    const list = priceListOf(Buffer.from(`[${rows.join(',')}]`));
    lists.set(key, list);
    return list;
  };
}

function serviceRow(service: Service, catalog: Catalog, terms: PriceTerms): string {
  return JSON.stringify({
    service: service.id,
    name: service.name,
    type: service.type,
    category: service.category,
    rate: formatRate(rateFor(service, terms)),
    min: String(service.min),
    max: String(service.max),
    dripfeed: service.dripfeed,
    refill: service.refill,
    cancel: service.cancel,
    ...(catalog.settings.showDescription ? { desc: service.description } : {}),
    ...(catalog.settings.showAverageTime ? { average_time: service.averageTime } : {}),
  });
}

/**
 * Answers a price list: packed if the client can unpack it, and 304 without a body if it names the
 * list it has. HTTP keeps 304 for GET; but this is a read, and a client that sends the tag waits
 * for just that.
 */
export async function answerPriceList(
  list: PriceList,
  call: Pick<ApiCall, 'header'>,
  headersOfReply: ApiAnswer['headers'],
): Promise<ApiAnswer> {
  const headers = {
    ...headersOfReply,
    ...{ 'Cache-Control': 'private, no-cache', ETag: list.etag, Vary: 'Accept-Encoding' },
  };
  if (hasTag(call.header('if-none-match'), list.etag)) {
    return { status: 304, headers, body: undefined };
  }
  if (!takesGzip(call.header('accept-encoding'))) return { status: 200, headers, body: list.plain };
  const packed = { ...headers, 'Content-Encoding': 'gzip' };
  return { status: 200, headers: packed, body: await list.packed() };
}
