import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue } from 'prom-client';
import { type Peers, secondMs } from '../base/index.ts';

/** What one process counted, as Prometheus' client writes it down. */
export type Counted = MetricObjectWithValues<MetricValue<string>>[];

type Asked = { answers: Map<number, Counted>; complete: () => void };

/** One that is busy or dying is left out of a scrape rather than waited for. */
const patienceMs = secondMs;
const askTopic = 'metrics?';
const answerTopic = 'metrics';

/**
 * Answers other processes what this one counted, and asks them. Each process has its own series, by
 * the label `process`: a sum would fall when one starts anew, which Prometheus takes for all of
 * them having started anew.
 * @returns the text of all processes together
 */
export function createCollector(peers: Peers, readOwn: () => Promise<Counted>) {
  const pending = new Map<number, Asked>();
  let asked = 0;

  peers.hear(askTopic, (id, from) => {
    void readOwn().then((counted) => peers.tell(answerTopic, { id, counted }, from));
  });
  peers.hear(answerTopic, (message, from) => {
    const { id, counted } = message as { id: number; counted: Counted }; // as it is told above
    const request = pending.get(id);
    request?.answers.set(from, counted);
    if (request?.answers.size === peers.count - 1) request.complete();
  });

  async function ask(): Promise<Map<number, Counted>> {
    asked += 1;
    const id = asked;
    const { promise, resolve } = Promise.withResolvers<void>();
    const request: Asked = { answers: new Map(), complete: resolve };
    pending.set(id, request);
    const timer = setTimeout(resolve, peers.count === 1 ? 0 : patienceMs);
    peers.tell(askTopic, id);
    await promise;
    clearTimeout(timer);
    pending.delete(id);
    return request.answers;
  }

  return async (): Promise<string> => {
    const answers = await ask();
    const all = [...answers, [peers.number, await readOwn()] as const]
      .toSorted(([one], [other]) => one - other)
      .map(([number, counted]) => labelled(counted, number));
    return AggregatorRegistry.aggregate(all).metrics();
  };
}

/** The same counts with the process they are of; with that label none is summed with another. */
function labelled(counted: Counted, number: number): Counted {
  return counted.map((metric) => ({
    ...metric,
    aggregator: 'sum',
    values: metric.values.map((value) => ({
      ...value,
      labels: { ...value.labels, process: String(number) },
    })),
  }));
}
