/**
 * Money that comes in from outside.
 * Invariant: a reference adds its amount once, however often it is reported.
 */
export { addFunds, type FundsSource } from './deposit.ts';
