import { AsyncLocalStorage } from 'node:async_hooks';
import type { BetterAuthOptions } from 'better-auth';
import type { DBAdapter, DBTransactionAdapter, Where } from 'better-auth/adapters';
import { getAdapter } from 'better-auth/db/adapter';
import type { Clock } from '../base/index.ts';
import { type Db, inTransaction, type Tx } from '../db/index.ts';
import { isStaffSuspended, prepareUser } from './new-user.ts';
import { hashToken } from './tokens.ts';

/** A transaction that the library has open. */
type Scope = {
  tx: Tx;
  /** What failed in it though the library went on: it is rolled back. */
  failure?: unknown;
};

/** Tokens that this request has named, by their hashes: what it reads is given back in clear. */
const knownTokens = new AsyncLocalStorage<Map<string, string>>();
const scopes = new AsyncLocalStorage<Scope>();

/** How the token of another session is named: by its hash. */
const hashMark = 'sha256:';
const userAgentLettersMax = 500;

type Row = Record<string, unknown>;

/** Runs the answer of one request, which knows the tokens it names and no others. */
export function withTokens<T>(work: () => Promise<T>): Promise<T> {
  return knownTokens.run(new Map(), work);
}

/**
 * The same answer without the tokens that this request has named: they are for its cookies, which
 * no script can read. Sessions are named by their hashes instead.
 */
export async function hideTokens(answer: Response): Promise<Response> {
  const known = knownTokens.getStore();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
  if (known === undefined || known.size === 0 || !isJson) return answer;
  let text = await answer.text();
  for (const [hash, token] of known) text = text.replaceAll(token, `${hashMark}${hash}`);
  const headers = new Headers(answer.headers);
  headers.delete('content-length');
  return new Response(text, { status: answer.status, headers });
}

/**
 * Runs work in the transaction that the library has open, or in one of its own. What fails in it
 * rolls all back, also where the library would go on.
 */
export async function inOpenTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  const scope = scopes.getStore();
  if (scope === undefined) return inTransaction(db, work);
  try {
    return await work(scope.tx);
  } catch (error) {
    scope.failure = error;
    throw error;
  }
}

/**
 * The library's way to our tables. Tokens of sessions go in as hashes and come out as they were
 * given; a new user gets its customer in the same transaction.
 */
export async function createAdapter(
  ctx: { db: Db; clock: Clock },
  options: BetterAuthOptions,
): Promise<DBAdapter> {
  const bind = (db: Db) =>
    getAdapter({ ...options, database: { db, type: 'postgres', transaction: false } });
  return {
    ...protect(await bind(ctx.db), ctx),
    transaction: (work) =>
      inTransaction(ctx.db, async (tx) => {
        const scope: Scope = { tx };
        const bound = protect(await bind(tx), ctx);
        const result = await scopes.run(scope, () => work(bound));
        if (scope.failure !== undefined) throw scope.failure;
        return result;
      }),
  };
}

function protect(inner: DBAdapter, ctx: { db: Db; clock: Clock }): DBTransactionAdapter {
  const { transaction: _, ...rest } = inner;
  return {
    ...rest,
    create: async (input) => {
      const data = await incoming(input.model, input.data, ctx.clock);
      return outgoing(
        input.model,
        await inner.create({ ...input, data: data as typeof input.data }),
      );
    },
    findOne: async <T>(input: Parameters<DBAdapter['findOne']>[0]) => {
      const found = await inner.findOne<T>(hashed(input));
      if (found === null || (await isOfSuspended(ctx.db, input.model, found))) return null;
      return outgoing(input.model, found);
    },
    findMany: async <T>(input: Parameters<DBAdapter['findMany']>[0]) => {
      const rows = await inner.findMany<T>(hashed(input));
      return rows.map((row) => outgoing(input.model, row));
    },
    count: (input) => inner.count(hashed(input)),
    update: async <T>(input: Parameters<DBAdapter['update']>[0]) => {
      const { image: __, ...update } = input.update;
      const updated = await inner.update<T>({ ...hashed(input), update });
      if (input.model === 'user' && update.twoFactorEnabled === true) {
        await endSessionsBeforeFactor(inner, updated);
      }
      return outgoing(input.model, updated);
    },
    updateMany: (input) => inner.updateMany(hashed(input)),
    delete: (input) => inner.delete(hashed(input)),
    deleteMany: (input) => inner.deleteMany(hashed(input)),
    consumeOne: async (input) => outgoing(input.model, await inner.consumeOne(hashed(input))),
    incrementOne: async (input) => outgoing(input.model, await inner.incrementOne(hashed(input))),
  };
}

/**
 * Ends every session that was opened without the second factor that is asked for from now on. The
 * library opens a new one for who switched it on.
 */
async function endSessionsBeforeFactor(inner: DBTransactionAdapter, user: unknown): Promise<void> {
  const id: unknown = Reflect.get(Object(user), 'id');
  if (typeof id !== 'string') return;
  await inner.deleteMany({ model: 'session', where: [{ field: 'userId', value: id }] });
}

async function incoming(model: string, data: Row, clock: Clock): Promise<Row> {
  if (model === 'session') {
    const userAgent = String(data.userAgent ?? '').slice(0, userAgentLettersMax);
    return {
      ...data,
      token: hashOf(String(data.token)),
      ipAddress: data.ipAddress ?? '',
      userAgent,
    };
  }
  if (model !== 'user') return data;
  const scope = scopes.getStore();
  if (scope === undefined) throw new Error('a user is created in a transaction only');
  return prepareUser(scope.tx, data, clock.now());
}

/** Where a session is looked for by its token, by the hash instead. */
function hashed<T extends { model: string; where?: Where[] | undefined }>(input: T): T {
  if (input.model !== 'session' || input.where === undefined) return input;
  return {
    ...input,
    where: input.where.map((part) => {
      if (part.field !== 'token') return part;
      const { value } = part;
      if (typeof value === 'string') return { ...part, value: hashOf(value) };
      if (!Array.isArray(value)) return part;
      return { ...part, value: value.map((token) => hashOf(String(token))) };
    }),
  };
}

function hashOf(token: string): string {
  if (token.startsWith(hashMark)) return token.slice(hashMark.length);
  const hash = hashToken(token);
  knownTokens.getStore()?.set(hash, token);
  return hash;
}

function outgoing<T>(model: string, row: T): T {
  if (model !== 'session' || row === null || typeof row !== 'object') return row;
  const hash: unknown = Reflect.get(row, 'token');
  if (typeof hash !== 'string') return row;
  return { ...row, token: knownTokens.getStore()?.get(hash) ?? `${hashMark}${hash}` };
}

async function isOfSuspended(db: Db, model: string, row: unknown): Promise<boolean> {
  if (model !== 'session') return false;
  const userId: unknown = Reflect.get(Object(row), 'userId');
  return typeof userId === 'string' && (await isStaffSuspended(db, userId));
}
