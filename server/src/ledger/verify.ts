import { type RawBuilder, sql } from 'kysely';
import {
  type Check,
  countOf,
  customerKey,
  everyTransfer,
  fingerprint,
  int4,
  int8,
  onto,
  prove,
  proveAll,
  proveNone,
  sumOf,
  uint31,
  usualTransfers,
} from '../db/index.ts';

const everyWallet = { from: sql`wallets` };
const transferCount = countOf(everyTransfer);

const state = (customer: RawBuilder<unknown>, number: string, balance: string) =>
  sql`sum(${onto(customer, uint31(number), int8(balance))})`;
const ofWallet = fingerprint(int4('customer_id'));

/**
 * Every transfer leads from a state of its customer, so many transfers and such a balance, to the
 * next. What is left when each state that is come to is taken off those that are gone from is where
 * the wallets begin, which is nothing, and where they are now: then the chains have no gap, and the
 * cached balances and counts are theirs. Numbers only grow, so no state can be come to in a circle.
 */
const chains = proveAll(
  usualTransfers,
  proveNone(countOf(everyWallet, sql`transfer_count >> 31 <> 0`)),
  prove(
    [
      sumOf(everyTransfer, state(customerKey, 'number', 'balance_after')),
      sumOf(everyTransfer, state(customerKey, 'number - 1', 'balance_before')),
      sumOf(everyWallet, state(ofWallet, 'transfer_count', 'balance')),
      sumOf(everyWallet, state(ofWallet, '0', '0')),
    ],
    (after, before, now, first) => after - before === now - first,
  ),
);

const fallsBelowZero = sql`balance_after < 0 and debit = 'wallet'`;

/**
 * The invariants of the books. A transfer is one row, so what it debits it also credits; what could
 * still be wrong with it is the accounts it names, its amount and whose it is.
 */
export const ledgerChecks: readonly Check[] = [
  {
    invariant: 'I1',
    name: 'transfers_move_money_of_one_customer',
    count: transferCount,
    // A chain of transfers whose customer has no wallet ends nowhere.
    proof: chains,
    broken: sql`
      select t.customer_id, format('customer %s transfer %s', t.customer_id, t.number) as subject,
        format('%s from %s to %s, wallet: %s', t.amount, t.debit, t.credit,
          w.customer_id is not null) as detail
      from transfers t
      left join known_wallets w using (customer_id)
      where w.customer_id is null or amount <= 0
        or (debit = 'wallet') = (credit = 'wallet')`,
  },
  {
    invariant: 'I2',
    name: 'cached_balance_equals_transfers',
    count: countOf(everyWallet),
    proof: chains,
    broken: sql`
      select w.customer_id, 'customer ' || w.customer_id as subject,
        format('balance %s, transfers %s; count %s, transfers %s',
          w.balance, coalesce(t.total, 0), w.transfer_count, coalesce(t.count, 0)) as detail
      from wallets w left join (
        select customer_id, count(*) as count,
          sum(case when credit = 'wallet' then amount else -amount end) as total
        from transfers group by customer_id
      ) t using (customer_id)
      where w.balance <> coalesce(t.total, 0) or w.transfer_count <> coalesce(t.count, 0)`,
    // By the last transfer: the others are held by the chain.
    part: sql`
      select w.customer_id, 'customer ' || w.customer_id as subject,
        format('balance off by %s, transfer %s %s', w.balance - coalesce(t.balance_after, 0),
          coalesce(n.number, w.transfer_count),
          case when n.number is not null then 'is not counted'
            when t.number is null and w.transfer_count <> 0 then 'is not there'
            else 'is the last' end) as detail
      from wallets w
      left join known_transfers t on t.customer_id = w.customer_id and t.number = w.transfer_count
      left join known_transfers n
        on n.customer_id = w.customer_id and n.number = w.transfer_count + 1
      where w.balance <> coalesce(t.balance_after, 0) or n.number is not null
        or (t.number is null and w.transfer_count <> 0)`,
  },
  {
    invariant: 'I2',
    name: 'balance_after_chains',
    count: transferCount,
    proof: chains,
    broken: sql`
      select customer_id, format('customer %s transfer %s', customer_id, number) as subject,
        format('%s after %s in row %s', balance_after, before, row) as detail
      from (
        select customer_id, number, balance_after,
          case when credit = 'wallet' then amount else -amount end as change,
          lag(balance_after, 1, 0::bigint) over w as before, row_number() over w as row
        from transfers window w as (partition by customer_id order by number)
      ) chain
      where balance_after <> before + change or number <> row`,
    part: sql`
      select t.customer_id, format('customer %s transfer %s', t.customer_id, t.number) as subject,
        format('%s after %s of transfer %s', t.balance_after, b.balance_after, b.number) as detail
      from transfers t
      left join known_transfers b on b.customer_id = t.customer_id and b.number = t.number - 1
      where t.balance_after <> coalesce(b.balance_after, 0)
          + case when t.credit = 'wallet' then t.amount else -t.amount end
        or (b.number is null and t.number <> 1)`,
  },
  {
    invariant: 'I3',
    name: 'never_below_credit_limit',
    count: transferCount,
    proof: proveNone(countOf(everyTransfer, fallsBelowZero)),
    broken: sql`
      select t.customer_id, format('customer %s transfer %s', t.customer_id, t.number) as subject,
        format('balance %s under credit limit %s', t.balance_after, coalesce(l.credit_limit, 0))
          as detail
      from transfers t
      left join lateral (
        select credit_limit from credit_limits c
        where c.customer_id = t.customer_id and c.from_number <= t.number
        order by c.from_number desc, c.id desc limit 1
      ) l on true
      where ${fallsBelowZero}
        and t.balance_after < -coalesce(l.credit_limit, 0)`,
  },
  {
    invariant: 'I1',
    name: 'every_customer_has_a_wallet',
    count: countOf({ from: sql`customers` }),
    broken: sql`
      select c.id as customer_id, 'customer ' || c.id as subject, 'has no wallet' as detail
      from customers c left join wallets w on w.customer_id = c.id
      where w.customer_id is null`,
  },
];
