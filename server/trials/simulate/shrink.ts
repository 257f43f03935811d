/**
 * Leaves out of a list whatever can be missing while it still fails: halves first, then ever
 * smaller parts, at last single items. It stops after so many tries.
 * @returns what is left, in its order
 */
export async function shrink<Item>(
  items: readonly Item[],
  options: { triesMax: number; fails: (items: readonly Item[]) => Promise<boolean> },
): Promise<Item[]> {
  let left = [...items];
  let tries = 0;
  for (let size = Math.ceil(left.length / 2); size >= 1; ) {
    let isSmaller = false;
    for (let from = left.length - size; from > -size && tries < options.triesMax; from -= size) {
      const without = [...left.slice(0, Math.max(0, from)), ...left.slice(from + size)];
      if (without.length === left.length || without.length === 0) continue;
      tries += 1;
      if (!(await options.fails(without))) continue;
      left = without;
      isSmaller = true;
    }
    if (tries >= options.triesMax || (size === 1 && !isSmaller)) break;
    if (size > 1) size = Math.ceil(size / 2);
  }
  return left;
}
