import { boundedRaw, type Connection, exchange, type Fault, type JsonReply } from './exchange.ts';
import type { Id } from './order.ts';
import type { Source } from './outcomes.ts';
import { refusalOf } from './refusals.ts';
import { idText, isJsonObject, own } from './values.ts';

/** The protocol's limit of ids in one request. */
export const idsPerRequestMax = 100;

/**
 * Answers about a list of ids. Every id that was asked has one, in the order asked; `missing` are
 * those among them that the panel's reply did not mention, `foreign` ids that it mentioned unasked
 * (never among the answers).
 */
export type Answers<Answer> = {
  answers: Map<string, Answer>;
  missing: string[];
  foreign: string[];
};

/** How a list is asked and its answers are read. */
export type ListPlan<Answer> = {
  action: string;
  /** The field of one id; that of several has an s more. */
  idField: 'order' | 'refill';
  /** Where a row may say whose it is. */
  idKeys: readonly string[];
  ofRow: (row: unknown, source: Source) => Answer;
  ofFault: (fault: Fault) => Answer;
  /** For an id whose part of the list was not sent, because an earlier part failed so. */
  ofSkipped: (fault: Fault) => Answer;
  ofAbsent: (why: 'missing' | 'row_without_id' | 'contradiction', source: Source) => Answer;
};

/** After these the rest of a list is not sent: the panel is out of reach, or asked for a pause. */
const stoppingFaults: ReadonlySet<Fault['reason']> = new Set([
  'unreachable',
  'timeout',
  'aborted',
  'rate_limited',
  'transport_fault',
]);

/**
 * The ids as text, each once.
 * @throws TypeError for an id that is not one to nineteen digits
 */
export function askedIds(ids: readonly Id[]): string[] {
  return [...new Set(ids.map(askedId))];
}

/**
 * An id as text.
 * @throws TypeError unless it is one to nineteen digits
 */
export function askedId(id: Id): string {
  const text = idText(id);
  if (text === null) throw new TypeError(`not an id: ${JSON.stringify(id)}`);
  return text;
}

/** Asks for the ids in parts of a hundred, one after the other, and matches the answers by id. */
export async function askList<Answer>(
  connection: Connection,
  plan: ListPlan<Answer>,
  input: { ids: readonly string[]; signal?: AbortSignal },
): Promise<Answers<Answer>> {
  const { ids, signal } = input;
  const all: Answers<Answer> = { answers: new Map(), missing: [], foreign: [] };
  let stoppedBy: Fault | undefined;
  for (let at = 0; at < ids.length; at += idsPerRequestMax) {
    const part = ids.slice(at, at + idsPerRequestMax);
    if (stoppedBy !== undefined) {
      for (const id of part) all.answers.set(id, plan.ofSkipped(stoppedBy));
      continue;
    }
    const fields = { action: plan.action, [`${plan.idField}s`]: part.join(',') };
    const reply = await exchange(connection, fields, signal);
    if (reply.kind === 'json') collect(all, { part, reply, plan, connection });
    else for (const id of part) all.answers.set(id, plan.ofFault(reply));
    if (reply.kind === 'fault' && stoppingFaults.has(reply.reason)) stoppedBy = reply;
  }
  // What one part's reply says of an id of another part is no answer, but it was asked for.
  all.foreign = [...new Set(all.foreign)].filter((id) => !all.answers.has(id));
  return all;
}

/** Asks for a single id, in the action's singular form. */
export async function askOne<Answer>(
  connection: Connection,
  plan: ListPlan<Answer>,
  input: { id: string; signal?: AbortSignal },
): Promise<Answer> {
  const { id, signal } = input;
  const fields = { action: plan.action, [plan.idField]: id };
  const reply = await exchange(connection, fields, signal);
  if (reply.kind === 'fault') return plan.ofFault(reply);
  const all: Answers<Answer> = { answers: new Map(), missing: [], foreign: [] };
  collect(all, { part: [id], reply, plan, connection });
  return all.answers.get(id) ?? plan.ofAbsent('missing', reply);
}

function collect<Answer>(
  all: Answers<Answer>,
  given: {
    part: readonly string[];
    reply: JsonReply;
    plan: ListPlan<Answer>;
    connection: Connection;
  },
): void {
  const { part, reply, plan, connection } = given;
  const matched = matchRows(reply.value, part, plan.idKeys);
  for (const id of part) {
    const row = matched?.rows.get(id);
    if (matched === null) {
      // Only a refusal is about every id; whatever else this is, it is the value of none.
      all.answers.set(id, plan.ofRow(isRefusal(reply.value) ? reply.value : null, reply));
    } else if (matched.contradicted.has(id)) {
      all.answers.set(id, plan.ofAbsent('contradiction', reply));
    } else if (row !== undefined) {
      const raw = boundedRaw(JSON.stringify(row), connection.keySpellings);
      all.answers.set(id, plan.ofRow(row, { status: reply.status, raw }));
    } else if (matched.hasUnmatched) all.answers.set(id, plan.ofAbsent('row_without_id', reply));
    else {
      all.missing.push(id);
      all.answers.set(id, plan.ofAbsent('missing', reply));
    }
  }
  all.foreign.push(...(matched?.foreign ?? []));
}

type Matched = {
  rows: Map<string, unknown>;
  /** Asked ids about which the reply says two different things. */
  contradicted: Set<string>;
  foreign: string[];
  /** There are rows that do not say whose they are. */
  hasUnmatched: boolean;
};

/**
 * Which row of a reply belongs to which asked id: an object keyed by id, or a list whose rows carry
 * one. Never by position; only when a single id was asked is a single row without an id its own.
 * Null when the reply is no such thing as a whole: a refusal, a text, an object of something else.
 */
function matchRows(
  value: unknown,
  asked: readonly string[],
  idKeys: readonly string[],
): Matched | null {
  if (Array.isArray(value)) {
    return match(
      value.map((row) => [ownId(row, idKeys), row]),
      asked,
    );
  }
  if (!isJsonObject(value)) return null;
  const numbered = Object.entries(value).filter(([key]) => /^\d+$/.test(key));
  if (numbered.length > 0) {
    // A row's own id goes first: PHP makes `{"0":…,"1":…}` of a list with a gap.
    return match(
      numbered.map(([key, row]) => [ownId(row, idKeys) ?? idText(key), row]),
      asked,
    );
  }
  if (asked.length > 1 || isRefusal(value)) return null;
  return match([[ownId(value, idKeys), value]], asked);
}

function isRefusal(value: unknown): boolean {
  return isJsonObject(value) && refusalOf(value) !== null;
}

function match(pairs: readonly [string | null, unknown][], asked: readonly string[]): Matched {
  const wanted = new Set(asked);
  const rows = new Map<string, unknown>();
  const contradicted = new Set<string>();
  const foreign = new Set<string>();
  const [first] = asked;
  let hasUnmatched = false;
  for (const [ownOrNone, row] of pairs) {
    const isTheOnly = asked.length === 1 && pairs.length === 1;
    const id = ownOrNone ?? (isTheOnly ? first : undefined);
    if (id === undefined) hasUnmatched = true;
    else if (!wanted.has(id)) foreign.add(id);
    else if (!rows.has(id)) rows.set(id, row);
    else if (JSON.stringify(rows.get(id)) !== JSON.stringify(row)) contradicted.add(id);
  }
  return { rows, contradicted, foreign: [...foreign], hasUnmatched };
}

function ownId(row: unknown, idKeys: readonly string[]): string | null {
  if (!isJsonObject(row)) return null;
  for (const key of idKeys) {
    const id = idText(own(row, key));
    if (id !== null) return id;
  }
  return null;
}
