import { sql } from 'kysely';
import { type Check, countOf, everyTransfer, proveAll, proveNone } from '../db/index.ts';
import { charges } from '../orders/index.ts';

const paymentCount = countOf({ from: sql`payments` });

/** The transfers of a payment, by its number, customer and what they are. */
const paymentTransfers = sql`
  select customer_id, split_part(reference, ':', 2)::bigint as payment_id,
    split_part(reference, ':', 3) as part, debit, credit,
    case when credit = 'wallet' then amount else -amount end as change
  from transfers where reference ~ '^payment:[0-9]{1,18}:'`;

const isDeposit = sql`debit = 'deposits' and credit = 'wallet' or reference like 'payment:%'`;
/** What a wallet pays for an order has the order's reference, as is proven of charges. */
const isNoCharge = sql`(order_id is null or not pays)`;

/** The invariants of payments: what the books say of them, and what is known of them. */
export const paymentChecks: readonly Check[] = [
  {
    invariant: 'P1',
    name: 'a_payment_is_credited_once_and_exactly',
    count: paymentCount,
    broken: sql`
      select p.customer_id, 'payment ' || p.id as subject,
        format('%s, deposit %s of %s, bonus %s of %s', p.state, coalesce(t.deposit, 0),
          p.amount - p.fee, coalesce(t.bonus, 0), p.bonus) as detail
      from payments p left join (
        select customer_id, payment_id,
          sum(change) filter (where part = 'deposit' and debit = 'deposits') as deposit,
          sum(change) filter (where part = 'bonus' and debit = 'bonuses') as bonus
        from (${paymentTransfers}) moved group by customer_id, payment_id
      ) t on t.customer_id = p.customer_id and t.payment_id = p.id
      where coalesce(t.deposit, 0) <>
          case when p.credited_at is null then 0 else p.amount - p.fee end
        or coalesce(t.bonus, 0) <> case when p.credited_at is null then 0 else p.bonus end`,
  },
  {
    invariant: 'P1',
    name: 'no_deposit_without_its_cause',
    count: countOf(
      everyTransfer,
      sql`${isNoCharge} and (debit = 'deposits' or reference like 'payment:%')`,
    ),
    proof: proveAll(
      charges,
      proveNone(
        countOf(
          everyTransfer,
          sql`${isNoCharge} and reference not like 'deposits:%' and (${isDeposit})`,
        ),
      ),
    ),
    // Transfers of nobody, or past every wallet, are for the checks of the books.
    broken: sql`
      select t.customer_id, format('customer %s transfer %s', t.customer_id, t.number) as subject,
        t.reference as detail
      from transfers t join known_wallets w using (customer_id)
      where (${isDeposit}) and t.reference not like 'deposits:%'
        and not exists (
          select from public.payments p
          where p.customer_id = t.customer_id and t.reference in (
            'payment:' || p.id || ':deposit', 'payment:' || p.id || ':bonus')
          or p.customer_id = t.customer_id and t.reference like 'payment:' || p.id || ':return:%'
        )`,
  },
  {
    invariant: 'P2',
    name: 'what_is_returned_is_taken_owed_or_waived',
    count: paymentCount,
    broken: sql`
      select p.customer_id, 'payment ' || p.id as subject,
        format('to return %s: taken %s (in the books %s), owed %s, waived %s', due.amount,
          p.taken, coalesce(t.taken, 0), p.owed, p.waived) as detail
      from payments p
      cross join lateral (
        select case when p.credited_at is null then 0 else
          ceil(p.credit::numeric * least(p.amount, p.refunded + coalesce(sum(d.amount), 0))
            / p.amount) end as amount
        from payment_disputes d
        where d.customer_id = p.customer_id and d.payment_id = p.id and d.state = 'lost'
      ) due
      left join (
        select customer_id, payment_id, -sum(change) as taken
        from (${paymentTransfers}) moved where part = 'return' group by customer_id, payment_id
      ) t on t.customer_id = p.customer_id and t.payment_id = p.id
      where p.taken <> coalesce(t.taken, 0) or p.taken + p.owed + p.waived <> due.amount`,
  },
  {
    invariant: 'P3',
    name: 'a_payment_is_what_is_known_of_it',
    count: paymentCount,
    broken: sql`
      select p.customer_id, 'payment ' || p.id as subject,
        format('%s, but %s', p.state, known.state) as detail
      from payments p
      cross join lateral (
        select case
          when p.credited_at is null then p.state
          when bool_or(d.state = 'open') then 'disputed'
          when bool_or(d.state = 'lost') then 'lost'
          when p.refunded >= p.amount then 'refunded'
          else 'credited' end as state
        from payment_disputes d where d.customer_id = p.customer_id and d.payment_id = p.id
      ) known
      where p.state <> known.state`,
  },
  {
    invariant: 'P3',
    name: 'a_payment_is_what_its_last_event_says',
    count: paymentCount,
    broken: sql`
      select p.customer_id, 'payment ' || p.id as subject,
        format('%s, last event %s', p.state, coalesce(e.state, 'none')) as detail
      from payments p
      left join lateral (
        select after ->> 'state' as state from payment_events e
        where e.customer_id = p.customer_id and e.payment_id = p.id
        order by e.id desc limit 1
      ) e on true
      where e.state is distinct from p.state`,
  },
  {
    invariant: 'P4',
    name: 'a_dispute_keeps_its_customer_frozen',
    count: countOf({ from: sql`payment_disputes` }),
    broken: sql`
      select c.id as customer_id, 'customer ' || c.id as subject,
        'suspended by a dispute, but none is open or lost' as detail
      from customers c
      where c.suspended_by = 'dispute' and not exists (
        select from payment_disputes d where d.customer_id = c.id and d.state in ('open', 'lost'))`,
  },
];
