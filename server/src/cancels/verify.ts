import { sql } from 'kysely';
import { type Check, countOf, everyChange, proveNone } from '../db/index.ts';

const cancelCount = countOf({ from: sql`cancels` });

/** Who cancels what is at no provider. */
const byPanel = 'system:cancels';

/** The invariants of cancellations that the database can show. */
export const cancelChecks: readonly Check[] = [
  {
    invariant: 'I15',
    name: 'cancel_requests_have_orders',
    count: cancelCount,
    broken: sql`
      select c.customer_id, 'order ' || c.order_id as subject,
        'cancel request without its order' as detail
      from cancels c where not exists (
        select from orders o where o.customer_id = c.customer_id and o.id = c.order_id)`,
  },
  {
    invariant: 'I8',
    name: 'no_cancel_in_limbo',
    count: cancelCount,
    broken: sql`
      select c.customer_id, 'order ' || c.order_id as subject,
        format('cancel %s, %s at provider %s, due %s', c.state, c.delivery, c.provider_id,
          c.due_at) as detail
      from cancels c
      where (c.delivery in ('due', 'sending', 'following')
          and (c.provider_id is null or c.state <> 'requested'))
        or (c.due_at is null) = (c.delivery in ('due', 'sending'))
        or (c.delivery = 'done' and c.state = 'requested')
        or c.delivery = 'unknown'`,
  },
  {
    invariant: 'I7',
    name: 'a_forwarded_cancel_is_of_its_providers_order',
    count: cancelCount,
    broken: sql`
      select c.customer_id, 'order ' || c.order_id as subject,
        format('provider %s was asked to cancel what it never accepted', c.provider_id) as detail
      from cancels c
      where c.delivery in ('sending', 'following') and not exists (
        select from attempts a where a.customer_id = c.customer_id and a.order_id = c.order_id
          and a.provider_id = c.provider_id and a.state = 'accepted')`,
  },
  {
    invariant: 'I8',
    name: 'only_what_was_not_sent_is_cancelled_by_the_panel',
    count: cancelCount,
    // Nearly no change is one of these.
    proof: proveNone(
      countOf(everyChange, sql`actor = ${sql.lit(byPanel)} and status_after = 'Canceled'`),
    ),
    broken: sql`
      select e.customer_id, 'order ' || e.order_id as subject,
        format('cancelled as not sent, attempt %s is %s', a.number, a.state) as detail
      from order_events e
      join attempts a on a.customer_id = e.customer_id and a.order_id = e.order_id
      where e.actor = ${sql.lit(byPanel)} and e.after ->> 'status' = 'Canceled'
        and a.state in ('sending', 'accepted', 'unknown')`,
  },
];
