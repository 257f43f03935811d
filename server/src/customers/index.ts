/**
 * Customers, their terms (discount, own prices, credit limit) and their API keys.
 * Invariants: a key is stored as SHA-256 only and shown once; a revoked key or suspended customer
 * is refused by this process from the next call on, and by every other as soon as it hears the
 * notification of that commit; every change leaves an audit row.
 */
export { createCustomer, insertCustomer, type NewCustomer } from './create.ts';
export { listFavourites, setFavourite } from './favourites.ts';
export { liftDisputeSuspension, suspendForDispute } from './freeze.ts';
export {
  createKeyring,
  isAddressAllowed,
  type KeyHolder,
  type Keyring,
} from './keyring.ts';
export { type CreatedKey, createKey, revokeKey, rotateKey, setAllowedAddresses } from './keys.ts';
export {
  type Finding,
  liftMoneyStop,
  type MoneyStop,
  readMoneyStop,
  stopMoney,
} from './money-stop.ts';
export { requireStaff } from './permission.ts';
export { setCustomerPrice } from './prices.ts';
export { notificationKinds, type Profile, updateProfile } from './profile.ts';
export {
  countOwnRates,
  type KeySummary,
  listCustomers,
  listKeys,
  readPriceTerms,
} from './queries.ts';
export { createRecentCalls, listRecentCalls, type RecentCalls } from './recent-calls.ts';
export {
  type CustomerDetail,
  type CustomerFilter,
  type CustomerRow,
  readCustomer,
  searchCustomers,
} from './search.ts';
export type { PriceTerms } from './terms.ts';
export { type CustomerChanges, updateCustomer } from './update.ts';
