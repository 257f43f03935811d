/** Stops on a programmer's error. Never used for bad input: that is an `AppError`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Closes a switch over a union: a new member fails to compile here. */
export function assertNever(value: never): never {
  throw new Error(`assertion failed: unexpected value ${String(value)}`);
}
