import type { CommonOptions, Reply } from './session.ts';

/** Prints a reply as it was asked for. */
export function print(options: CommonOptions, reply: Reply): void {
  process.stdout.write(`${options.json ? JSON.stringify(reply.json) : reply.text}\n`);
}
