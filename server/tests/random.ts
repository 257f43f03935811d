/** A whole number from 0 on, less than `below`. */
export type Random = (below: number) => number;

/** The same numbers for the same seed (mulberry32). */
export function createRandom(from: number): Random {
  let state = from >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** The same items in an order at random. */
export function shuffle<T>(random: Random, from: readonly T[]): T[] {
  const items = [...from];
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = random(at + 1);
    const [a, b] = [items[at], items[other]];
    if (a !== undefined && b !== undefined) [items[at], items[other]] = [b, a];
  }
  return items;
}
