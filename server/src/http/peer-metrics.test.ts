import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Peers } from '../base/index.ts';
import { type Counted, createCollector } from './peer-metrics.ts';

type Hear = (message: unknown, from: number) => void;

function counted(calls: number): Counted {
  return JSON.parse(
    JSON.stringify([
      {
        name: 'calls_total',
        help: 'Calls',
        type: 'counter',
        aggregator: 'sum',
        values: [{ value: calls, labels: { action: 'add' } }],
      },
    ]),
  );
}

/** The first of three processes; the second answers, the third is told and says nothing. */
function openFirst(): () => Promise<string> {
  const heard: Map<string, Hear>[] = [new Map(), new Map()];
  const peersOf = (at: number): Peers => ({
    count: 3,
    number: at + 1,
    tell: (topic, message) => heard[1 - at]?.get(topic)?.(message, at + 1),
    hear: (topic, listener) => heard[at]?.set(topic, listener),
  });
  createCollector(peersOf(1), async () => counted(7));
  return createCollector(peersOf(0), async () => counted(5));
}

test('a scrape tells the processes apart, and does not wait for one that is silent', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const collect = openFirst();
  let text = '';
  const collecting = collect().then((collected) => {
    text = collected;
  });
  await turn();
  assert.equal(text, '');
  t.mock.timers.tick(1_000);
  await collecting;
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('calls_total')),
    ['calls_total{action="add",process="1"} 5', 'calls_total{action="add",process="2"} 7'],
  );
  assert.equal(text.match(/# TYPE calls_total/g)?.length, 1);
});
