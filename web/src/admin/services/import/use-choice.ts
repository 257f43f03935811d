import { useState } from 'react';
import type { Listed } from '../listed-services.tsx';

/** What of a provider's catalog is imported. */
export type Choice = {
  isAll: boolean;
  categories: ReadonlySet<string>;
  /** Services by themselves, outside of the chosen categories. */
  externalIds: ReadonlySet<string>;
};

const nothing: Choice = { isAll: false, categories: new Set(), externalIds: new Set() };

/** What was chosen of a catalog, and choosing. */
export function useChoice() {
  const [choice, setChoice] = useState(nothing);
  return {
    choice,
    isEmpty: !choice.isAll && choice.categories.size + choice.externalIds.size === 0,
    reset: () => setChoice(nothing),
    setAll: (isAll: boolean) => setChoice({ ...choice, isAll }),
    toggleCategory: (name: string) =>
      setChoice({ ...choice, categories: flipped(choice.categories, name) }),
    toggleService: ({ externalId }: Listed) =>
      setChoice({ ...choice, externalIds: flipped(choice.externalIds, externalId) }),
  };
}

/** A choice as the server takes it: naming nothing means everything there. */
export function toNames({ isAll, categories, externalIds }: Choice) {
  return isAll ? {} : { categories: [...categories], externalIds: [...externalIds] };
}

function flipped(set: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
