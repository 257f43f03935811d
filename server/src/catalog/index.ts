/**
 * Categories, services, settings and prices.
 * Invariants: requests are answered from an immutable snapshot, never from a query; the rate shown
 * in `services` is the rate an order is charged by, for every customer and pricing layer.
 */

export { type RouteInput, type RouteRef, setRoutes } from './routes.ts';
export { findOrderable, isLinkBlocked, isPackage, rateFor } from './rules.ts';
export { createService, type ServiceInput, updateService } from './services.ts';
export { blockLink, moveCategory, unblockLink, updateSettings } from './settings.ts';
export {
  type Catalog,
  listServices,
  type Route,
  type Service,
  type ServiceType,
  type Settings,
} from './snapshot.ts';
export { type CatalogStore, createCatalogStore } from './store.ts';
