/**
 * Categories, services, settings and prices; what is imported from providers and follows them.
 * Invariants: requests are answered from an immutable snapshot, never from a query; the rate shown
 * in `services` is the rate an order is charged by, for every customer and pricing layer; a change
 * of what is sold has a row in the same transaction; a list that is not believed changes nothing,
 * and what staff decided by hand is not undone by the same list.
 */
export { blockLink, listBlockedLinks, unblockLink } from './block-list.ts';
export { moveCategory } from './categories.ts';
export {
  decideChange,
  type HeldChange,
  listChanges,
  listHeldChanges,
  type ServiceChange,
} from './changes.ts';
export { type ImportInput, type ImportReport, importServices } from './import.ts';
export type { ImportWarning } from './import-rules.ts';
export { setLogo } from './logo.ts';
export { type PanelFacts, readLogo } from './panel.ts';
export { type RouteInput, type RouteRef, setRoutes } from './routes.ts';
export { findOrderable, isLinkBlocked, isPackage, rateFor } from './rules.ts';
export { createService, type ServiceInput, updateService } from './services.ts';
export {
  type AllSettings,
  readSettings,
  readTerms,
  updateSettings,
} from './settings.ts';
export type { Language } from './settings-rules.ts';
export {
  type Catalog,
  listServices,
  type Route,
  type Service,
  type ServiceType,
  type Settings,
} from './snapshot.ts';
export { type CatalogStore, createCatalogStore } from './store.ts';
export { applyListing, type SyncReport, type SyncWarning } from './sync.ts';
export { syncDueProviders, syncProvider } from './sync-provider.ts';
