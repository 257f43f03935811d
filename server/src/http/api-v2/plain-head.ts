/** What is read of the head of a plain call. */
export type PlainHead = {
  query: string;
  /** Its headers by their names in small letters. */
  headers: ReadonlyMap<string, string>;
  bodyBytes: number;
};

// A connection keeps the last head for its next call. Node's HTTP reads no more than 1,000 headers;
// of 16 KB of short ones a connection kept 200 KB, of these bounds no more than 10.
const headBytesMax = 4_096;
const headersMax = 50;

const requestLine = /^POST \/api\/v2\/?(?:\?([!-~]*))? HTTP\/1\.1$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~]*)$/;
const length = /^(?:0|[1-9][0-9]{0,8})$/;
/** What makes a request more than its head and so many bytes, or ends its connection. */
const unusual = new Set([
  ...['transfer-encoding', 'trailer', 'te', 'expect', 'upgrade', 'proxy-connection'],
  'http2-settings',
]);

/**
 * Reads the head of a call, its lines without the empty one, if there is nothing to it that anybody
 * could read otherwise: each header once and few of them, a length, no more than printable
 * ASCII, lines that end as they should, a connection that stays. Pure.
 * @returns undefined for everything else, which is left to a parser of all of HTTP
 */
export function readPlainHead(head: string): PlainHead | undefined {
  if (head.length > headBytesMax) return undefined;
  const lines = head.split('\r\n');
  if (lines.length > 1 + headersMax) return undefined;
  const target = requestLine.exec(lines[0] ?? '');
  if (target === null) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const [, name = '', value = ''] = headerLine.exec(line) ?? [];
    const known = name.toLowerCase();
    if (known === '' || headers.has(known) || unusual.has(known)) return undefined;
    headers.set(known, value.trimEnd());
  }
  const stays = (headers.get('connection') ?? 'keep-alive').toLowerCase() === 'keep-alive';
  const bodyBytes = headers.get('content-length') ?? '';
  if (!stays || !headers.has('host') || !length.test(bodyBytes)) return undefined;
  return { query: target[1] ?? '', headers, bodyBytes: Number(bodyBytes) };
}
