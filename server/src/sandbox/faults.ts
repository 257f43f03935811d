import type { Fields } from './fields.ts';

/**
 * What goes wrong with one call. `accept_…` does what was asked, with a line in the journal, before
 * anything goes wrong; the others do nothing unless they say so. Plain data, so that a test can
 * send it to a sandbox in another process.
 */
export type Fault =
  | { kind: 'accept_then_500' }
  /** Held until it is released, and then sent as it was when asked; or until the caller leaves. */
  | { kind: 'accept_then_hang' }
  | { kind: 'accept_then_reset' }
  | { kind: 'accept_then_html'; status?: number }
  /** A whole HTTP reply with half of its JSON. */
  | { kind: 'accept_then_cut_json' }
  | { kind: 'accept_then_redirect'; location?: string; status?: number }
  | { kind: 'accept_then_empty' }
  /** Any other reply: `{order}` in the body is the new order's id. */
  | { kind: 'accept_then_answer'; body: string; status?: number; contentType?: string }
  | { kind: 'answer'; body: string; status?: number; contentType?: string }
  | { kind: 'error_500' }
  | { kind: 'html'; status?: number }
  | { kind: 'hang' }
  /** First in the queue and for any action, it resets before the request's body is read. */
  | { kind: 'reset' }
  /** Does what was asked; so many bytes of the reply arrive, its headers counted too. */
  | { kind: 'reset_after'; bytes: number }
  /** A sentence, or a raw key like `neworder.error.not_enough_funds`. */
  | { kind: 'refuse'; error: string }
  | { kind: 'rate_limit'; retryAfter?: string }
  /** Makes an order and answers the id of another: of the last one before, if none is named. */
  | { kind: 'duplicate_id'; order?: number }
  /** Does what was asked; the reply comes byte by byte, after so many of white space. */
  | { kind: 'slow_drip'; everyMs?: number; paddingBytes?: number }
  /** Does what was asked, and answers white space until the caller leaves. */
  | { kind: 'endless_body' }
  /** Does what was asked; gzip of a thousandth of it becomes this much white space. */
  | { kind: 'gzip_bomb'; bytes?: number }
  /** Does what was asked; the true reply after this much white space. */
  | { kind: 'oversize'; bytes?: number }
  | RowFault;

/** What is wrong with the rows of `status`; without `orders` it is wrong with all of them. */
export type RowFault =
  | { kind: 'rows_missing'; orders?: readonly number[] }
  /** Rows of orders nobody asked for, each like the first that was. */
  | { kind: 'rows_foreign'; orders: readonly number[] }
  /** Every order gets the row of the one before it. */
  | { kind: 'rows_swapped' }
  /** A list of rows, in the order asked; `idField` puts the id into each. */
  | { kind: 'rows_list'; idField?: string }
  /** Rows that are texts. */
  | { kind: 'rows_bare'; text?: string; orders?: readonly number[] }
  /** Fields of rows are replaced: an unknown word, `remains` negative, too many, "Unknown". */
  | { kind: 'rows_fields'; fields: Readonly<Record<string, unknown>>; orders?: readonly number[] }
  /** `__proto__`, `constructor` and `toString` among the ids and among the fields of rows. */
  | { kind: 'rows_proto' }
  /** Orders are Pending again, with all that was ordered to come. */
  | { kind: 'rows_regress'; orders?: readonly number[] };

/** A call as a fault is chosen by it. */
export type Call = {
  /** Counts from 1. */
  number: number;
  at: string;
  path: string;
  action: string;
  /** Without the key. */
  fields: Readonly<Record<string, string>>;
  /** What went wrong with it. */
  fault: Fault['kind'] | undefined;
};

/** A fault that waits for its call: of an action, for a link, or whichever comes next. */
export type ScriptedFault = Fault & {
  on?: { action?: string; link?: string; service?: number; order?: number };
  /** How many calls it hits. Default: 1; 0 is every call from now on. */
  times?: number;
};

/** Decides the fault of a call. */
export type FaultDecision = (call: Call) => Fault | undefined;

export type FaultQueue = {
  script: (...faults: readonly ScriptedFault[]) => void;
  /** Asked for every call that no scripted fault is for. */
  decideFaults: (decide: FaultDecision | undefined) => void;
  clearFaults: () => void;
  /** The fault of this call, which is used up by it. */
  take: (call: Call, fields: Fields) => Fault | undefined;
  /** Whether the next connection is to be reset unread; uses the fault up. */
  takeUnread: () => boolean;
};

/** A queue of faults; a call gets the first one that is for it. */
export function createFaultQueue(): FaultQueue {
  let waiting: { fault: ScriptedFault; left: number }[] = [];
  let decide: FaultDecision | undefined;

  function use(entry: { fault: ScriptedFault; left: number }): Fault {
    if (entry.left > 0) {
      entry.left -= 1;
      if (entry.left === 0) waiting = waiting.filter((other) => other !== entry);
    }
    return entry.fault;
  }

  return {
    script: (...faults) => {
      waiting.push(...faults.map((fault) => ({ fault, left: fault.times ?? 1 })));
    },
    decideFaults: (decision) => {
      decide = decision;
    },
    clearFaults: () => {
      waiting = [];
      decide = undefined;
    },
    take: (call, fields) => {
      const entry = waiting.find(({ fault }) => isFor(fault, call, fields));
      return entry === undefined ? decide?.(call) : use(entry);
    },
    takeUnread: () => {
      const [entry] = waiting;
      if (entry?.fault.kind !== 'reset' || entry.fault.on !== undefined) return false;
      use(entry);
      return true;
    },
  };
}

function isFor(fault: ScriptedFault, call: Call, fields: Fields): boolean {
  const { action, link, service, order } = fault.on ?? {};
  const isRowFault = fault.kind.startsWith('rows_');
  if (isRowFault && call.action !== 'status') return false;
  if (action !== undefined && action !== call.action) return false;
  if (link !== undefined && link !== fields.get('link')) return false;
  if (service !== undefined && String(service) !== fields.get('service')) return false;
  const asked = (fields.get('orders') ?? fields.get('order') ?? '').split(',');
  return order === undefined || asked.some((id) => id.trim() === String(order));
}
