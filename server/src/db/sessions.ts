import type postgres from 'postgres';
import { reach } from '../base/index.ts';

type Client = postgres.Sql<{ bigint: bigint }>;
type Session = {
  client: Client;
  isIdle: boolean;
  isLost: boolean;
  abandon: (error: Error) => void;
};

type Statement = [
  text: string,
  parameters: postgres.ParameterOrJSON<bigint>[],
  options: postgres.UnsafeQueryOptions,
];

/** One session at a time for one user, as Kysely's driver takes it from a postgres.js pool. */
export type ReservedSession = {
  unsafe: (...statement: Statement) => Promise<unknown>;
  release: () => void;
};

export type SessionPool = {
  reserve: () => Promise<ReservedSession>;
  end: () => Promise<void>;
};

type Waiter = { resolve: (session: Session) => void; reject: (error: Error) => void };

/**
 * A pool of postgres.js clients of one connection each, for transactions. A connection that
 * postgres.js has reserved itself is used on after it broke: its next statement crashes the process
 * (a write to no socket), waits for ever, or runs outside its transaction on a new connection (all
 * three seen with 3.4.9). Here a broken session answers every statement with the error, at once,
 * and is never used again.
 * @param open makes a client of one connection that calls `onclose` when that breaks
 */
export function createSessionPool(
  open: (onclose: () => void) => Client,
  options: { sessionsMax: number; endTimeoutSeconds: number },
): SessionPool {
  const sessions = new Set<Session>();
  const waiting: Waiter[] = [];
  let isEnded = false;

  function openSession(): Session {
    const session: Session = {
      client: open(() => lose(session)),
      isIdle: false,
      isLost: false,
      abandon: () => {},
    };
    sessions.add(session);
    return session;
  }

  function lose(session: Session): void {
    if (session.isLost) return;
    session.isLost = true;
    sessions.delete(session);
    session.abandon(connectionLost());
    void session.client.end({ timeout: 0 });
    if (!isEnded) waiting.shift()?.resolve(openSession());
  }

  async function acquire(): Promise<Session> {
    if (isEnded) throw connectionLost();
    // Always the first that is idle, so that on a quiet panel few do everything: what PostgreSQL
    // keeps for each session is in a core's memory as long as others don't take its place.
    for (const session of sessions) {
      if (!session.isIdle) continue;
      session.isIdle = false;
      return session;
    }
    if (sessions.size < options.sessionsMax) return openSession();
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  }

  function release(session: Session): void {
    if (session.isLost) return;
    const next = waiting.shift();
    if (next === undefined) session.isIdle = true;
    else next.resolve(session);
  }

  return {
    reserve: async () => {
      const session = await acquire();
      return {
        unsafe: (...statement) => run(session, statement, () => lose(session)),
        release: () => release(session),
      };
    },
    end: async () => {
      isEnded = true;
      for (const waiter of waiting.splice(0)) waiter.reject(connectionLost());
      const timeout = options.endTimeoutSeconds;
      await Promise.all([...sessions].map((session) => session.client.end({ timeout })));
    },
  };
}

/** Runs one statement in a session; `lose` is called before the caller hears that it ended. */
function run(session: Session, statement: Statement, lose: () => void): Promise<unknown> {
  // The server itself rolls back what a lost session had open. Kysely would put an error of its own
  // in the place of the one for which it rolls back.
  const isRollback = statement[0] === 'rollback';
  if (session.isLost) return isRollback ? Promise.resolve([]) : Promise.reject(connectionLost());
  return new Promise((resolve, reject) => {
    session.abandon = isRollback ? () => resolve([]) : reject;
    send(session, statement).then(resolve, (error: unknown) => {
      if (endsSession(error)) lose();
      reject(error);
    });
  });
}

async function send(session: Session, statement: Statement): Promise<unknown> {
  await reach('db.before_statement');
  const answer = await session.client.unsafe(...statement);
  // Said by the server for a commit after a statement that failed.
  const isUndone = statement[0] === 'commit' && answer.command === 'ROLLBACK';
  if (isUndone) throw new Error('a statement failed, so nothing of its transaction was stored');
  await reach('db.after_statement');
  return answer;
}

/**
 * Whether an error ends its session: a broken socket, or the server's last word before it closes. A
 * statement sent after that word is queued by postgres.js for a connection of its own.
 */
function endsSession(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, 'code');
  const severity: unknown = Reflect.get(error, 'severity');
  const isServersLast = severity === 'FATAL' || severity === 'PANIC';
  return isServersLast || 'errno' in error || (typeof code === 'string' && /^CONNECT/.test(code));
}

function connectionLost(): Error {
  return Object.assign(new Error('the connection to the database broke'), {
    code: 'CONNECTION_CLOSED',
  });
}
