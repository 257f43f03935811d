import { readFileSync } from 'node:fs';
import { type BareReply, createBareClient } from './bare-client.ts';

/**
 * Calls that fall due whether the earlier ones are answered or not, as those of callers who know
 * nothing of each other: `open-loop.ts URL FILE PER_SECOND CONNECTIONS WARM_UP_MS ROUNDS`. A line
 * of the file is a call: its kind, how its reply begins, and its body, apart by tabs; all of them
 * are made in each round. The gaps between two are random (a Poisson process). A call's time counts
 * from when it was due, so one that had to wait, here or for a connection, is slow. The times of
 * the warm-up do not count: this program itself is slow in it. Prints JSON.
 */
const [url = '', file = '', ...numbers] = process.argv.slice(2);
const [perSecond = 1, connections = 1, warmUpMs = 0, rounds = 1] = numbers.map(Number);
const client = createBareClient(url, connections);
const calls = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [kind = '', prefix = '', body = ''] = line.split('\t');
    return { kind, prefix, request: client.requestOf(body) };
  });
type Call = (typeof calls)[number];
const callsMade = calls.length * rounds;

const answerTimeoutMs = 10_000;
const failuresShownMax = 3;
const times = new Map<string, number[]>();
const failures: string[] = [];
let answered = 0;
let failed = 0;
let open = 0;
let lateMs = 0;

const startedMs = performance.now();
await sendAll();
const sentMs = performance.now() - startedMs;
// The last ones; who waits for longer has no answer.
while (open > 0 && performance.now() - startedMs < sentMs + answerTimeoutMs) await nextTick();
const all = [...times.values()].flat();
const found = {
  calls: callsMade,
  answered,
  failed: failed + open,
  failures,
  seconds: sentMs / 1_000,
  lateMs: lateMs / callsMade,
  ...describe(all),
  kinds: Object.fromEntries([...times].map(([kind, of]) => [kind, describe(of)])),
};
process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));

async function sendAll(): Promise<void> {
  let dueMs = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    for (const call of calls) {
      dueMs -= (Math.log(1 - Math.random()) * 1_000) / perSecond;
      while (performance.now() < dueMs) await nextTick();
      lateMs += performance.now() - dueMs;
      send(call, dueMs);
    }
  }
}

/** A millisecond, in which replies are read. */
function nextTick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

function send({ kind, prefix, request }: Call, dueMs: number): void {
  open += 1;
  client.send(request, (reply) => {
    open -= 1;
    const tookMs = performance.now() - dueMs;
    const failure = failureOf(reply, prefix);
    if (failure !== undefined) {
      fail(`${kind}: ${failure}`);
      return;
    }
    answered += 1;
    if (dueMs - startedMs < warmUpMs) return;
    const of = times.get(kind);
    if (of === undefined) times.set(kind, [tookMs]);
    else of.push(tookMs);
  });
}

function failureOf(reply: BareReply | Error, prefix: string): string | undefined {
  if (reply instanceof Error) return reply.message;
  const { status, begin, hasError } = reply;
  const isGood = status === 200 && begin.startsWith(prefix) && !hasError;
  return isGood ? undefined : `${status} ${begin}`;
}

function fail(what: string): void {
  failed += 1;
  if (failures.length < failuresShownMax) failures.push(what);
}

function describe(values: readonly number[]): { count: number; p50Ms: number; p99Ms: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) };
}
