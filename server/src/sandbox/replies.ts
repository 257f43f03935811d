import { gzipSync } from 'node:zlib';
import { errorBody } from './actions.ts';
import type { Fault } from './faults.ts';

/** A reply, and what becomes of it on its way. */
export type Reply = {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
  /** A sandbox in process answers the reply and leaves this to whoever asked. */
  wire: Wire;
};

export type Wire =
  | { how: 'send' }
  /** Held; on release the reply is sent, or the connection reset. */
  | { how: 'hold'; onRelease: 'send' | 'reset' }
  | { how: 'reset' }
  | { how: 'reset_after'; bytes: number }
  | { how: 'drip'; everyMs: number }
  | { how: 'endless' };

const jsonType = 'application/json; charset=UTF-8';
const htmlPage =
  '<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>' +
  '<body><center><h1>502 Bad Gateway</h1></center></body></html>\n';
const dripMs = 50;
const oversizeBytes = 16 * 1024 * 1024;
const bombBytes = 1024 * 1024 * 1024;
const bombPieceBytes = 16 * 1024 * 1024;

/** A reply that arrives as it is. */
export function plainReply(body: string | Buffer, status = 200, contentType = jsonType): Reply {
  return { status, headers: { 'Content-Type': contentType }, body, wire: { how: 'send' } };
}

/** Does what a call asks for, and answers it truly. */
export type Accept = () => { body: string; previousOrder: number };

/** The reply to a call that something goes wrong with. Row faults are not for here. */
export function faultyReply(
  fault: Exclude<Fault, { kind: `rows_${string}` }>,
  accept: Accept,
): Reply {
  switch (fault.kind) {
    case 'error_500':
      return serverError();
    case 'html':
      return html(fault.status);
    case 'hang':
      return { ...plainReply(''), wire: { how: 'hold', onRelease: 'reset' } };
    case 'reset':
      return { ...plainReply(''), wire: { how: 'reset' } };
    case 'refuse':
      return plainReply(errorBody(fault.error));
    case 'answer':
      return plainReply(fault.body, fault.status, fault.contentType);
    case 'rate_limit': {
      const { headers, ...reply } = plainReply(errorBody('Rate limit exceeded'), 429);
      return { ...reply, headers: { ...headers, 'Retry-After': fault.retryAfter ?? '1' } };
    }
    default:
      return spoil(fault, accept());
  }
}

type Spoiling = Extract<
  Fault,
  {
    kind:
      | `accept_${string}`
      | 'reset_after'
      | 'duplicate_id'
      | 'slow_drip'
      | 'endless_body'
      | 'gzip_bomb'
      | 'oversize';
  }
>;

/** What was asked is done; its reply gets lost or damaged. */
function spoil(fault: Spoiling, done: ReturnType<Accept>): Reply {
  const truth = plainReply(done.body);
  switch (fault.kind) {
    case 'accept_then_500':
      return serverError();
    case 'accept_then_hang':
      return { ...truth, wire: { how: 'hold', onRelease: 'send' } };
    case 'accept_then_reset':
      return { ...truth, wire: { how: 'reset' } };
    case 'accept_then_html':
      return html(fault.status);
    case 'accept_then_cut_json':
      return plainReply(done.body.slice(0, Math.floor(done.body.length / 2)));
    case 'accept_then_redirect': {
      const headers = { Location: fault.location ?? '/redirected' };
      return { status: fault.status ?? 302, headers, body: '', wire: { how: 'send' } };
    }
    case 'accept_then_empty':
      return plainReply('');
    case 'accept_then_answer': {
      const order = /"order":([0-9]+)/.exec(done.body)?.[1] ?? '';
      const body = fault.body.replaceAll('{order}', order);
      return plainReply(body, fault.status, fault.contentType);
    }
    case 'reset_after':
      return { ...truth, wire: { how: 'reset_after', bytes: fault.bytes } };
    case 'duplicate_id':
      return plainReply(`{"order":${fault.order ?? done.previousOrder}}`);
    case 'slow_drip': {
      const body = ' '.repeat(fault.paddingBytes ?? 0) + done.body;
      return { ...truth, body, wire: { how: 'drip', everyMs: fault.everyMs ?? dripMs } };
    }
    case 'endless_body':
      return { ...truth, wire: { how: 'endless' } };
    case 'gzip_bomb':
      return gzipBomb(fault.bytes ?? bombBytes);
    case 'oversize':
      return plainReply(' '.repeat(fault.bytes ?? oversizeBytes) + done.body);
  }
}

function serverError(): Reply {
  return plainReply(errorBody('Internal server error'), 500);
}

function html(status = 200): Reply {
  return plainReply(htmlPage, status, 'text/html; charset=UTF-8');
}

/** A gzip file may have many members, so one of them is packed and repeated. */
function gzipBomb(bytes: number): Reply {
  const piece = gzipSync(Buffer.alloc(Math.min(bytes, bombPieceBytes), ' '));
  const pieces = Array.from({ length: Math.ceil(bytes / bombPieceBytes) }, () => piece);
  const { headers, ...reply } = plainReply(Buffer.concat(pieces));
  return { ...reply, headers: { ...headers, 'Content-Encoding': 'gzip' } };
}
