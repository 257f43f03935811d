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
  weight: number;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
};

/**
 * Gathers the items of one event-loop turn into one call of `run`. Under light load an item leaves
 * at once; under heavy load the batches grow by themselves, so the database sees few large
 * statements in place of many small ones.
 */
export function createBatcher<Item, Result>(
  options: BatcherOptions<Item, Result>,
): Batcher<Item, Result> {
  const { inFlightMax, waitingMax, weights, patienceMs = 0 } = options;
  const waitingWeightMax = weights?.waitingWeightMax ?? 0;
  let waiting: Waiting<Item, Result>[] = [];
  let waitingWeight = 0;
  let inFlight = 0;
  let scheduled = false;
  let startedMs = Number.NEGATIVE_INFINITY;
  let isTimed = false;
  let idleWaiters: (() => void)[] = [];

  function submit(item: Item): Promise<Result> {
    const weight = weights?.weigh(item) ?? 0;
    // However heavy, an item may wait while nothing else of weight does.
    const isTooHeavy = waitingWeight > 0 && waitingWeight + weight > waitingWeightMax;
    if (waiting.length >= waitingMax || isTooHeavy) {
      return Promise.reject(new AppError('overloaded', 'too many requests wait for the database'));
    }
    return new Promise((resolve, reject) => {
      waiting.push({ item, weight, resolve, reject });
      waitingWeight += weight;
      schedule();
    });
  }

  function schedule(): void {
    if (scheduled || inFlight >= inFlightMax) return;
    const waitMs = inFlight === 0 ? 0 : startedMs + patienceMs - performance.now();
    if (waitMs > 0) {
      if (isTimed) return;
      isTimed = true;
      setTimeout(() => {
        isTimed = false;
        if (waiting.length > 0) schedule();
      }, waitMs).unref();
      return;
    }
    scheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    scheduled = false;
    while (waiting.length > 0 && inFlight < inFlightMax) {
      const { count, weight } = measureBatch(waiting, options);
      const batch = waiting.slice(0, count);
      waiting = waiting.slice(count);
      waitingWeight -= weight;
      inFlight += 1;
      startedMs = performance.now();
      void runBatch(batch);
      if (patienceMs > 0) break;
    }
    if (waiting.length > 0) schedule();
  }

  async function runBatch(batch: Waiting<Item, Result>[]): Promise<void> {
    let settle: () => void;
    try {
      const results = await options.run(batch.map(({ item }) => item));
      settle = () => answer(batch, results);
    } catch (error) {
      settle = () => {
        for (const { reject } of batch) reject(error);
      };
    }
    inFlight -= 1;
    // The next one leaves before these are answered, so that the database works meanwhile.
    if (waiting.length > 0 && !scheduled) flush();
    settle();
    if (waiting.length === 0 && inFlight === 0) {
      for (const resolve of idleWaiters) resolve();
      idleWaiters = [];
    }
  }

  function idle(): Promise<void> {
    if (waiting.length === 0 && inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => idleWaiters.push(resolve));
  }

  return { submit, idle };
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

/** The items at the head of the queue that make the next batch: at least one. */
function measureBatch<Item, Result>(
  waiting: readonly Waiting<Item, Result>[],
  options: BatcherOptions<Item, Result>,
): { count: number; weight: number } {
  const weightMax = options.weights?.weightMax ?? 0;
  let count = 0;
  let weight = 0;
  for (const entry of waiting) {
    const heavier = weight + entry.weight;
    if (count === options.itemsMax || (count > 0 && heavier > weightMax)) break;
    count += 1;
    weight = heavier;
  }
  return { count, weight };
}
