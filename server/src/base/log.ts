import { type DestinationStream, pino, stdSerializers } from 'pino';

export type Log = {
  debug: (fields: object, message: string) => void;
  info: (fields: object, message: string) => void;
  warn: (fields: object, message: string) => void;
  error: (fields: object, message: string) => void;
};

/**
 * A structured log on stderr, so that a command's `--json` has stdout to itself. Fields that may
 * hold a secret are replaced before they are written, whoever logs them.
 */
export function createLog(level: string, destination: DestinationStream = toStderr()): Log {
  const secrets = ['key', 'password', 'secret', 'authorization', 'databaseUrl'];
  return pino(
    {
      level,
      base: null,
      // Callers name their fields; pino would print an Error under this name as an empty object.
      serializers: { error: stdSerializers.err },
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
    },
    destination,
  );
}

function toStderr(): DestinationStream {
  return pino.destination({ fd: 2, sync: true });
}

/** A log that says nothing, for tests and for commands that print their own result. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
