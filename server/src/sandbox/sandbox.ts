import {
  amount,
  type Clock,
  dayMs,
  formatAmount,
  parseAmount,
  systemClock,
} from '../base/index.ts';
import { actions, errorBody, type Shop } from './actions.ts';
import { type CatalogName, catalogReply } from './catalogs.ts';
import { makeDueChildren } from './children.ts';
import { balanceAt, totalOf } from './delivery.ts';
import {
  type Call,
  createFaultQueue,
  type Fault,
  type FaultQueue,
  type RowFault,
} from './faults.ts';
import { cleanFields, type Fields, type FieldsInput, readIds } from './fields.ts';
import { type JournalEntry, openJournal, type PlanTarget } from './journal.ts';
import { demoPace, type Pace, type Plan } from './plans.ts';
import { faultyReply, plainReply, type Reply } from './replies.ts';
import { spoilRows } from './row-faults.ts';
import type { SandboxService } from './service-types.ts';
import { sandboxServices } from './services.ts';
import { loadState, record, type State, stamp } from './state.ts';

export type SandboxOptions = {
  /** What a call must have as `key`. */
  key: string;
  clock?: Clock;
  services?: readonly SandboxService[];
  currency?: string;
  /** What is paid in when the journal is empty, like `100.00`. */
  balance?: string;
  /** Default: 1. Two sandboxes may give out the same ids. */
  firstOrderId?: number;
  pace?: Partial<Pace>;
  /** Where what happened is written down. Default: in memory alone. */
  journalFile?: string;
  /** The parameter that makes `add` idempotent. Default: there is none. */
  requestIdField?: string;
  refillWaitMs?: number;
  parentRows?: 'full' | 'short';
};

export type Sandbox = Omit<FaultQueue, 'take'> & {
  /** Answers a call. The reply's `wire` says what is to become of it on its way. */
  handle: (fields: FieldsInput, path?: string) => Reply;
  /** Notes a call that came where no API is, for instance after a redirect, and refuses it. */
  stray: (fields: FieldsInput, path: string) => Reply;
  /** Announces a post of a subscription, which makes an order after the subscription's delay. */
  announce: (orderId: number, link: string) => void;
  /** Says what becomes of an order, of a service's orders, or of a link's; also of past ones. */
  plan: (target: PlanTarget, plan: Plan) => void;
  /** Sets the balance, by a deposit that may be negative. */
  setBalance: (balance: string) => void;
  setServices: (services: readonly SandboxService[]) => void;
  /** Serves a broken list of services under every call until it is undefined again. */
  serveCatalog: (name: CatalogName | undefined) => void;
  /** What was created here, in order: the truth that others are held against. */
  journal: () => readonly JournalEntry[];
  /** Every call that came, also those nothing came of. */
  calls: () => readonly Call[];
  close: () => void;
};

/** The newest calls that are kept. */
const callsMax = 100_000;

/**
 * Opens a sandbox: an upstream panel in memory, which goes on from its journal file if it has one.
 * @throws AppError `invalid_input` for a balance or rate that is no amount
 */
export function createSandbox(options: SandboxOptions): Sandbox {
  const state = openState(options);
  const shop: Shop = {
    services: options.services ?? sandboxServices,
    currency: options.currency ?? 'USD',
    refillWaitMs: options.refillWaitMs ?? dayMs,
    parentRows: options.parentRows ?? 'full',
  };
  const { take, ...faults } = createFaultQueue();
  const calls: Call[] = [];
  let callCount = 0;
  let catalog: CatalogName | undefined;

  function note(fields: Fields, path: string): Call {
    callCount += 1;
    const call = describeCall({ state, fields, path, number: callCount });
    calls.push(call);
    if (calls.length > callsMax) calls.splice(0, callsMax / 2);
    return call;
  }

  return {
    ...faults,
    handle: (input, path = '/api/v2') => {
      const fields = cleanFields(input);
      const call = note(fields, path);
      const fault = take(call, fields);
      call.fault = fault?.kind;
      return reply({ state, shop, key: options.key, fields, fault, catalog });
    },
    stray: (fields, path) => {
      note(cleanFields(fields), path);
      return plainReply(errorBody('Not found'), 404);
    },
    announce: (order, link) => announce(state, order, link),
    plan: (target, plan) => record(state, { kind: 'plan', at: stamp(state), target, plan }),
    setBalance: (balance) => setBalance(state, balance),
    setServices: (services) => {
      shop.services = services;
    },
    serveCatalog: (name) => {
      catalog = name;
    },
    journal: state.journal.entries,
    calls: () => calls,
    close: state.journal.close,
  };
}

function openState(options: SandboxOptions): State {
  const state = loadState({
    clock: options.clock ?? systemClock,
    journal: openJournal(options.journalFile),
    pace: { ...demoPace, ...options.pace },
    firstOrderId: options.firstOrderId ?? 1,
    requestIdField: options.requestIdField,
  });
  if (state.journal.entries().length === 0) {
    record(state, { kind: 'deposit', at: stamp(state), amount: options.balance ?? '1000.00' });
  }
  return state;
}

function announce(state: State, order: number, link: string): void {
  if (state.orders.get(order)?.subscription === undefined) {
    throw new Error(`order ${order} is no subscription`);
  }
  record(state, { kind: 'announce', at: stamp(state), order, link });
}

function setBalance(state: State, balance: string): void {
  const missing = parseAmount(balance, 'balance') - balanceAt(state, state.clock.now().getTime());
  record(state, { kind: 'deposit', at: stamp(state), amount: formatAmount(amount(missing)) });
}

type Work = {
  state: State;
  shop: Shop;
  key: string;
  fields: Fields;
  fault: Fault | undefined;
  catalog: CatalogName | undefined;
};

/** Does what a call asks for as far as its fault lets it, and answers what the fault leaves. */
function reply(work: Work): Reply {
  const { state, fields, fault, catalog } = work;
  const accept = () => {
    const previousOrder = state.nextOrderId - 1;
    return { body: answer(work), previousOrder };
  };
  if (isRowFault(fault)) {
    return plainReply(spoilRows(fault, accept().body, quantityIn(state, fields)));
  }
  if (fault !== undefined) return faultyReply(fault, accept);
  if (catalog !== undefined && fields.get('action') === 'services') return catalogReply(catalog);
  return plainReply(accept().body);
}

function describeCall(input: { state: State; fields: Fields; path: string; number: number }): Call {
  const { state, fields, path, number } = input;
  return {
    number,
    at: stamp(state),
    path,
    action: fields.get('action') ?? '',
    fields: Object.fromEntries([...fields].filter(([name]) => name !== 'key')),
    fault: undefined,
  };
}

/** The true body of a reply. */
function answer(work: Work): string {
  const { state, shop, fields } = work;
  if (fields.get('key') !== work.key) return errorBody('Invalid API key');
  const name = fields.get('action') ?? '';
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) return errorBody('Incorrect request');
  const nowMs = state.clock.now().getTime();
  makeDueChildren(state, nowMs);
  return action({ state, shop, fields, nowMs });
}

function isRowFault(fault: Fault | undefined): fault is RowFault {
  return fault?.kind.startsWith('rows_') ?? false;
}

/** What was ordered under an id; a single row has none, so the call's own is taken. */
function quantityIn(state: State, fields: Fields): (id: string) => number {
  return (id) => {
    const asked = id === '' ? (readIds(fields, 'order')?.ids[0] ?? '') : id;
    const order = state.orders.get(Number(asked));
    return order === undefined ? 0 : totalOf(order);
  };
}
