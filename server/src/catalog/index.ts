/**
 * Categories, services, settings and prices; what is imported from providers and follows them.
 * Invariants: requests are answered from an immutable snapshot, never from a query; the rate shown
 * in `services` is the rate an order is charged by, for every customer and pricing layer; a change
 * of what is sold has a row in the same transaction; a list that is not believed changes nothing,
 * and what staff decided by hand is not undone by the same list.
 */
export { moveServices, type ServiceMove } from './arrange.ts';
export { blockLink, listBlockedLinks, unblockLink } from './block-list.ts';
export { type ServiceSwitch, switchServices } from './bulk.ts';
export { moveCategory, placeCategory, renameCategory } from './categories.ts';
export {
  decideChange,
  type HeldChange,
  listChanges,
  listHeldChanges,
  type ServiceChange,
} from './changes.ts';
export { decideChanges } from './decide-changes.ts';
export { duplicateService } from './duplicate.ts';
export { type ImportReport, importServices } from './import.ts';
export type { ImportChoice, ImportInput, MarkupInput } from './import-input.ts';
export { type ImportPreview, previewImport } from './import-preview.ts';
export type { ImportWarning } from './import-rules.ts';
export { type LastSync, readLastSync } from './last-sync.ts';
export { setLogo } from './logo.ts';
export { type PanelFacts, readLogo } from './panel.ts';
export { type PlannedPrice, type PriceChange, planPrices } from './price-plan.ts';
export {
  listProviderCategories,
  listProviderServices,
  type ProviderCategory,
  type ProviderService,
  type ProviderServicePage,
} from './provider-list.ts';
export { repriceServices } from './reprice-services.ts';
export { type RouteInput, type RouteRef, setRoutes } from './routes.ts';
export { findOrderable, isLinkBlocked, isPackage, rateFor } from './rules.ts';
export { createService, type ServiceInput, updateService } from './services.ts';
export {
  type AllSettings,
  canChangeCurrency,
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
export {
  countWaitingChanges,
  listStaffChanges,
  listWaitingChanges,
  type StaffChange,
  type WaitingChange,
} from './staff-changes.ts';
export { readStaffCatalog, type StaffCatalog, type StaffService } from './staff-list.ts';
export { readStaffService, type StaffRoute, type StaffServiceDetail } from './staff-service.ts';
export { type CatalogStore, createCatalogStore } from './store.ts';
export { applyListing, type SyncReport, type SyncWarning } from './sync.ts';
export { syncDueProviders, syncProvider } from './sync-provider.ts';
