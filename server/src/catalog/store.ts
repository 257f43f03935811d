import { assert } from '../base/index.ts';
import type { Ctx } from '../db/index.ts';
import { type Catalog, loadCatalog } from './snapshot.ts';

export type CatalogStore = {
  /** The snapshot requests are answered from; no query. */
  current: () => Catalog;
  /** Loads a new snapshot, if it changed. Calls that arrive while one loads share the next one. */
  refresh: () => Promise<void>;
};

/**
 * Holds the catalog in memory. A change is announced in its own commit and `refresh` follows, so
 * every process has it within a second; a failed load keeps the last snapshot and is logged.
 */
export function createCatalogStore(ctx: Pick<Ctx, 'db' | 'log'>): CatalogStore {
  let catalog: Catalog | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function load(): Promise<void> {
    try {
      catalog = await loadCatalog(ctx.db, catalog);
    } catch (error) {
      if (catalog === undefined) throw error;
      ctx.log.error({ error }, 'the catalog could not be loaded; the last one stays in use');
    }
  }

  function refresh(): Promise<void> {
    if (running === undefined) {
      running = load().finally(() => {
        running = undefined;
      });
      return running;
    }
    // The load under way may have begun before the change that this call is about.
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        return refresh();
      });
    return next;
  }

  function current(): Catalog {
    assert(catalog !== undefined, 'the catalog was loaded at start');
    return catalog;
  }

  return { current, refresh };
}
