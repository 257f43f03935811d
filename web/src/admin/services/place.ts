import type { Catalog, Service } from './queries.ts';

/** Where services come to: before another one of the category, or last. */
export type Place = { categoryId: number; beforeId: number | null };

/**
 * The catalog with services at another place, as the server will say it: shown before it answers.
 */
export function withServicesAt(catalog: Catalog, ids: readonly number[], place: Place): Catalog {
  const moving = new Set(ids);
  const all = new Map<number, Service>(
    catalog.categories.flatMap(({ services }) => services.map((each) => [each.id, each])),
  );
  const moved = ids.flatMap((id) => all.get(id) ?? []);
  const categories = catalog.categories.map((category) => {
    const others = category.services.filter(({ id }) => !moving.has(id));
    if (category.id !== place.categoryId) return { ...category, services: others };
    return { ...category, services: insertBefore(others, place.beforeId, moved) };
  });
  return { ...catalog, categories };
}

/** The catalog with a category at another place. */
export function withCategoryAt(catalog: Catalog, id: number, beforeId: number | null): Catalog {
  const moved = catalog.categories.filter((category) => category.id === id);
  const others = catalog.categories.filter((category) => category.id !== id);
  return { ...catalog, categories: insertBefore(others, beforeId, moved) };
}

function insertBefore<T extends { id: number }>(
  rows: readonly T[],
  beforeId: number | null,
  moved: readonly T[],
): T[] {
  const found = rows.findIndex(({ id }) => id === beforeId);
  const at = found === -1 ? rows.length : found;
  return [...rows.slice(0, at), ...moved, ...rows.slice(at)];
}

/**
 * Before which one something comes that is dropped on another one of its list: there where that is,
 * which is after it on the way down.
 */
export function beforeWhich(
  rows: readonly { id: number }[],
  moved: number,
  over: number,
): number | null {
  const [from, to] = [moved, over].map((id) => rows.findIndex((row) => row.id === id));
  const isDown = from !== undefined && to !== undefined && from !== -1 && from < to;
  return isDown ? (rows[to + 1]?.id ?? null) : over;
}
