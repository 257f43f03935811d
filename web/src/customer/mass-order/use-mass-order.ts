import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { useRef, useState } from 'react';
import { call, customerApi } from '../../api/client.ts';
import { createLineIds, linesOf } from './lines.ts';

const massApi = customerApi['mass-orders'];
type Checked = InferResponseType<typeof massApi.check.$post, 200>;
export type CheckedLine = Checked['lines'][number] & { text: string };
export type PlacedLine = InferResponseType<typeof massApi.$post, 200>['lines'][number] & {
  text: string;
};

/** More are sent in several turns. */
const linesPerTurn = 250;

/** The state of a mass order: its text, what the panel says of each line, what became of them. */
export function useMassOrder() {
  const queryClient = useQueryClient();
  const [text, setText] = useState('');
  const [placed, setPlaced] = useState<PlacedLine[]>([]);
  // A line keeps its request id until it is placed, however often it is sent.
  const ids = useRef(createLineIds());
  const checking = useMutation({
    mutationFn: async (lines: string[]) => {
      const { lines: views, total } = await call(massApi.check.$post({ json: { lines } }));
      return { lines: views.map((view, at) => ({ ...view, text: lines[at] ?? '' })), total };
    },
  });
  const placing = useMutation({
    mutationFn: async (lines: string[]) => {
      const requests = ids.current.request(lines);
      for (let from = 0; from < requests.length; from += linesPerTurn) {
        const turn = requests.slice(from, from + linesPerTurn);
        const answer = await call(massApi.$post({ json: { lines: turn } }));
        const outcomes = answer.lines.map((line, at) => ({ ...line, text: turn[at]?.text ?? '' }));
        const done = turn.filter((_, at) => outcomes[at]?.outcome === 'placed');
        ids.current.forget(done);
        setText((before) =>
          without(
            before,
            done.map((line) => line.text),
          ),
        );
        setPlaced((before) => [...before, ...outcomes]);
      }
    },
    onSettled: () => {
      checking.reset();
      for (const key of ['session', 'orders']) {
        void queryClient.invalidateQueries({ queryKey: [key] });
      }
    },
  });
  return {
    text,
    placed,
    checked: checking.data,
    error: placing.error ?? checking.error,
    isChecking: checking.isPending,
    isPlacing: placing.isPending,
    write: (next: string) => {
      setText(next);
      checking.reset();
      placing.reset();
      setPlaced([]);
    },
    check: () => {
      placing.reset();
      setPlaced([]);
      checking.mutate(linesOf(text));
    },
    place: () => {
      const good = (checking.data?.lines ?? []).filter(({ refusal }) => refusal === null);
      setPlaced([]);
      placing.mutate(good.map((line) => line.text));
    },
  };
}

/** A text without some of its lines, each taken away once. */
function without(text: string, gone: readonly string[]): string {
  const left = new Map<string, number>();
  for (const line of gone) left.set(line, (left.get(line) ?? 0) + 1);
  const kept = linesOf(text).filter((line) => {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    return count === 0;
  });
  return kept.join('\n');
}
