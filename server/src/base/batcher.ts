import { AppError } from './errors.ts';

export type BatcherOptions<Item, Result> = {
  /** Items of one batch; also the bound on what one database statement gets. */
  itemsMax: number;
  /** Batches that run at the same time; while they run, arriving items gather for the next. */
  inFlightMax: number;
  /** Items that may wait; beyond it the caller is told to come back later. */
  waitingMax: number;
  /**
   * How long a batch waits for the one before it to be answered, though another could run beside
   * it. A statement costs the server as much as the answers to several cheap items do, so a few
   * large ones at a time bring more than many small ones; a slow one holds up nobody for longer.
   * Default 0.
   */
  patienceMs?: number;
  /**
   * What share of the one before a batch must have so as not to wait for it: where two that run
   * beside each other contend, a small one takes a turn and brings little. Default: all wait.
   */
  enoughShare?: number;
  /**
   * The least time between the starts of two batches, of which the first was not small: for items
   * whose callers don't mind, and whose batch costs much by itself. Default 0.
   */
  spacingMs?: number;
  /**
   * Whether what comes alone leaves at once, not at the end of the turn of the loop: it is sooner
   * answered, and of what a turn brings the first makes a batch of its own. Default: false.
   */
  isEager?: boolean;
  /** For items of very different sizes, which a count alone does not bound. */
  weights?: ItemWeights<Item>;
  /** Answers one result per item, in the items' order. An `Error` as result rejects its item. */
  run: (items: Item[]) => Promise<(Result | Error)[]>;
};

export type ItemWeights<Item> = {
  weigh: (item: Item) => number;
  /** What the items of one batch weigh together; a heavier item makes a batch of its own. */
  weightMax: number;
  /** What waiting items weigh together; beyond it the caller is told to come back later. */
  waitingWeightMax: number;
};

export type Batcher<Item, Result> = {
  submit: (item: Item) => Promise<Result>;
  /** Resolves when nothing waits or runs any more. */
  idle: () => Promise<void>;
};

type Waiting<Item, Result> = {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
};

/** How batches wait unless it is said. */
const waits = {
  patienceMs: 0,
  spacingMs: 0,
  enoughShare: Number.POSITIVE_INFINITY,
  isEager: false,
};
/** What a few callers at a time make; they gain nothing by waiting for each other. */
const smallBatchItems = 4;

/**
 * Gathers the items of one event-loop turn into one call of `run`. Under light load an item leaves
 * at once; under heavy load the batches grow by themselves, so the database sees few large
 * statements in place of many small ones.
 */
export function createBatcher<Item, Result>(
  options: BatcherOptions<Item, Result>,
): Batcher<Item, Result> {
  const limits = { ...waits, ...options };
  const queue = createQueue(options);
  let inFlight = 0;
  let started = { atMs: Number.NEGATIVE_INFINITY, items: 0 };
  let isScheduled = false;
  let timer: NodeJS.Timeout | undefined;
  const idleWaiters: (() => void)[] = [];

  function submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject });
      schedule();
    });
  }

  function schedule(): void {
    if (isScheduled || queue.size() === 0 || inFlight >= limits.inFlightMax) return;
    const waitMs = untilNextMs();
    if (waitMs <= 0) {
      isScheduled = true;
      const isAlone = limits.isEager && inFlight === 0 && started.items <= 1;
      (isAlone ? queueMicrotask : setImmediate)(flush);
      return;
    }
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      schedule();
    }, waitMs).unref();
  }

  function untilNextMs(): number {
    const sinceMs = performance.now() - started.atMs;
    const isEnough = queue.size() >= Math.min(limits.itemsMax, started.items * limits.enoughShare);
    const patience = inFlight === 0 || isEnough ? 0 : limits.patienceMs;
    const spacing = started.items <= smallBatchItems ? 0 : limits.spacingMs;
    return Math.max(patience, spacing) - sinceMs;
  }

  function flush(): void {
    isScheduled = false;
    while (queue.size() > 0 && inFlight < limits.inFlightMax && untilNextMs() <= 0) {
      const batch = queue.take();
      inFlight += 1;
      started = { atMs: performance.now(), items: batch.length };
      void runBatch(batch);
    }
    schedule();
  }

  async function runBatch(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const settle = await outcomeOf(batch, options.run);
    inFlight -= 1;
    // The next one leaves before these are answered, so that the database works meanwhile.
    if (!isScheduled) flush();
    settle();
    if (queue.size() > 0 || inFlight > 0) return;
    for (const resolve of idleWaiters.splice(0)) resolve();
  }

  function idle(): Promise<void> {
    if (queue.size() === 0 && inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => idleWaiters.push(resolve));
  }

  return { submit, idle };
}

/** Runs a batch that was refused as a whole again as one of each item; answers their results. */
export async function runApart<Item, Result>(
  items: readonly Item[],
  run: (batch: Item[]) => Promise<(Result | Error)[]>,
): Promise<(Result | Error)[]> {
  const results: (Result | Error)[] = [];
  for (const item of items) {
    try {
      results.push(...(await run([item])));
    } catch (error) {
      results.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return results;
}

/** Runs a batch; what is returned tells its callers. */
async function outcomeOf<Item, Result>(
  batch: readonly Waiting<Item, Result>[],
  run: BatcherOptions<Item, Result>['run'],
): Promise<() => void> {
  try {
    const results = await run(batch.map(({ item }) => item));
    return () => answer(batch, results);
  } catch (error) {
    return () => {
      for (const { reject } of batch) reject(error);
    };
  }
}

function answer<Item, Result>(
  batch: readonly Waiting<Item, Result>[],
  results: readonly (Result | Error)[],
): void {
  batch.forEach((entry, index) => {
    const result = results[index];
    if (result instanceof Error) entry.reject(result);
    else entry.resolve(result as Result); // `run` answers one result per item
  });
}

/** What waits, within the bounds of number and weight; it is taken in batches. */
function createQueue<Item, Result>(options: BatcherOptions<Item, Result>) {
  const { itemsMax, waitingMax, weights } = options;
  const { weightMax = 0, waitingWeightMax = 0 } = weights ?? {};
  const weigh = (entry: Waiting<Item, Result>) => weights?.weigh(entry.item) ?? 0;
  let waiting: Waiting<Item, Result>[] = [];
  let waitingWeight = 0;

  function push(entry: Waiting<Item, Result>): void {
    const weight = weigh(entry);
    // However heavy, an item may wait while nothing else of weight does.
    const isTooHeavy = waitingWeight > 0 && waitingWeight + weight > waitingWeightMax;
    if (waiting.length >= waitingMax || isTooHeavy) {
      throw new AppError('overloaded', 'too many requests wait for the database');
    }
    waiting.push(entry);
    waitingWeight += weight;
  }

  /** The items at the head that make the next batch: at least one. */
  function take(): Waiting<Item, Result>[] {
    let count = 0;
    let weight = 0;
    for (const entry of waiting) {
      const heavier = weight + weigh(entry);
      if (count === itemsMax || (count > 0 && heavier > weightMax)) break;
      count += 1;
      weight = heavier;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingWeight -= weight;
    return batch;
  }

  return { push, take, size: () => waiting.length };
}
