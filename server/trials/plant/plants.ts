import { deliveryMistakes } from './delivery.ts';
import { moneyMistakes } from './money.ts';
import { securityMistakes } from './security.ts';

/** A mistake that somebody could make: one text of one file in place of another. */
export type Plant = {
  name: string;
  what: string;
  /** From the repository's root. */
  file: string;
  /** Stands in the file exactly once. */
  from: string;
  to: string;
  /** Test files that should notice, from the repository's root. */
  tests: readonly string[];
};

/** All known mistakes. */
export const plants: readonly Plant[] = [
  ...moneyMistakes,
  ...deliveryMistakes,
  ...securityMistakes,
];
