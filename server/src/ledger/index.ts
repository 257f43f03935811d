/**
 * The books: closed double entry per customer, amounts in 10⁻⁸ of the currency.
 * Invariants: a transfer debits one account and credits another of the same customer, one of them
 * the wallet; its reference is unique, so a cause pays once; the wallet's cached balance is the sum
 * of its transfers and never falls below minus the credit limit; transfers are never rewritten.
 */
export {
  findLastBefore,
  readBalances,
  readStatement,
  readStatementPages,
  type StatementFilter,
  type StatementLine,
  type StatementPage,
  statementKinds,
} from './queries.ts';
export {
  type Account,
  planTransfer,
  type Transfer,
  type TransferInput,
  type Wallet,
} from './rules.ts';
export { lockWallets, postTransfers, requireMoving, writeTransfers } from './transfers.ts';
export { ledgerChecks } from './verify.ts';
export { openWallet, setCreditLimit } from './wallets.ts';
