import { AppError } from '../base/index.ts';

const databaseErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there',
  ENOTFOUND: 'there is no such host',
  CONNECT_TIMEOUT: 'it does not answer',
  '28P01': 'it refuses the password',
  '28000': 'it refuses the user',
  '3D000': 'it has no such database',
  '53300': 'it has no connection left',
};

/**
 * What went wrong, for the person at the terminal: a refusal in its own words, anything else
 * shortly. The whole story is for `LOG_LEVEL=debug`.
 */
export function explainError(error: unknown): string {
  if (process.env.LOG_LEVEL === 'debug' && error instanceof Error) {
    const cause = error.cause instanceof Error ? `\n  cause: ${error.cause.stack}` : '';
    return `${error.stack}${cause}`;
  }
  if (error instanceof AppError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const database = databaseErrors[code];
  if (database !== undefined) return `cannot use the database: ${database}; check DATABASE_URL`;
  const message = error instanceof Error ? error.message : String(error);
  return `${message || code || 'unknown failure'} (LOG_LEVEL=debug tells more)`;
}
