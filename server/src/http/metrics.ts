import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Peers } from '../base/index.ts';
import type { ProviderLoad } from '../fulfilment/index.ts';
import type { ActionName, Outcome } from './api-v2/index.ts';
import { createCollector } from './peer-metrics.ts';
import { addProviderMetrics } from './provider-metrics.ts';

export type ApiCall = { action: ActionName | 'none'; outcome: Outcome; seconds: number };

export type Metrics = {
  observeCall: (call: ApiCall) => void;
  /** The text Prometheus scrapes. */
  render: () => Promise<string>;
  contentType: string;
};

/**
 * Counts calls in plain numbers as they happen; Prometheus' own objects are filled at a scrape.
 * What a process counts is told for each that shares the port; what the database says, once.
 */
export function createMetrics(
  readLoads: () => Promise<readonly ProviderLoad[]>,
  peers?: Peers,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'panelwright_' });
  const counts = new Map<string, number>();
  let pending: ApiCall[] = [];

  new Counter({
    name: 'panelwright_api_calls_total',
    help: 'Calls of the panel API v2',
    labelNames: ['action', 'outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, count] of counts) {
        const [action = '', outcome = ''] = labels.split(' ');
        this.inc({ action, outcome }, count);
      }
    },
  });
  const duration = new Histogram({
    name: 'panelwright_api_call_duration_seconds',
    help: 'Time from when a call is read until its answer is made, one call in 64',
    labelNames: ['action'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });

  let seen = 0;
  const sampleEvery = 64;
  const pendingMax = 1_000;

  function flush(): void {
    for (const call of pending) duration.observe({ action: call.action }, call.seconds);
    pending = [];
  }

  const readOwn = async () => {
    flush();
    return registry.getMetricsAsJSON();
  };
  const collect = peers === undefined ? undefined : createCollector(peers, readOwn);

  const renderProviders = createProvidersRenderer(readLoads);

  return {
    observeCall: (call) => {
      const labels = `${call.action} ${call.outcome}`;
      counts.set(labels, (counts.get(labels) ?? 0) + 1);
      seen += 1;
      if (seen % sampleEvery === 0) pending.push(call);
      if (pending.length >= pendingMax) flush();
    },
    render: async () => {
      const providers = await renderProviders();
      flush();
      const own = await (collect === undefined ? registry.metrics() : collect());
      return `${own}\n${providers}`;
    },
    contentType: registry.contentType,
  };
}

/**
 * Reads the providers' load at a scrape, once for all who scrape meanwhile; should it not be
 * readable, the scrape has all the rest.
 */
function createProvidersRenderer(
  readLoads: () => Promise<readonly ProviderLoad[]>,
): () => Promise<string> {
  const registry = new Registry();
  const show = addProviderMetrics(registry);
  let reading: Promise<void> | undefined;
  return async () => {
    reading ??= readLoads()
      .catch((): ProviderLoad[] => [])
      .then(show)
      .finally(() => {
        reading = undefined;
      });
    await reading;
    return registry.metrics();
  };
}
