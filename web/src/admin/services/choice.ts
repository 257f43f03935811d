import { useCallback, useState } from 'react';

/** What is chosen of the table, and choosing; `choose` stays the same function. */
export type Choice = {
  chosen: ReadonlySet<number>;
  choose: (ids: readonly number[], isChosen: boolean) => void;
};

/** Which services are chosen. */
export function useServiceChoice(): Choice & { clear: () => void } {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const choose = useCallback((ids: readonly number[], isChosen: boolean) => {
    setChosen((before) => {
      const next = new Set(before);
      for (const id of ids) {
        if (isChosen) next.add(id);
        else next.delete(id);
      }
      return next;
    });
  }, []);
  return { chosen, choose, clear: () => setChosen(new Set()) };
}
