import { sql } from 'kysely';
import { type Check, countOf, proveUnique } from '../db/index.ts';

const refillCount = countOf({ from: sql`refills` });

/** The invariants of refills that the database can show. */
export const refillChecks: readonly Check[] = [
  {
    invariant: 'I15',
    name: 'one_open_refill_per_order',
    count: refillCount,
    broken: sql`
      select customer_id, 'order ' || order_id as subject, count(*) || ' open refills' as detail
      from refills where status in ('Pending', 'In progress')
      group by customer_id, order_id having count(*) > 1`,
  },
  {
    invariant: 'I8',
    name: 'no_refill_in_limbo',
    count: refillCount,
    broken: sql`
      select customer_id, 'refill ' || id as subject,
        format('%s, %s at provider %s as %s, due %s', status, delivery, provider_id, external_id,
          due_at) as detail
      from refills
      where (delivery in ('due', 'sending', 'following', 'unknown')
          and (provider_id is null or status in ('Completed', 'Rejected', 'Error')))
        or (due_at is null) = (delivery in ('due', 'sending', 'following'))
        or (delivery = 'following' and external_id is null)
        or (delivery in ('due', 'sending', 'unknown') and external_id is not null)`,
  },
  {
    invariant: 'I8',
    name: 'a_refill_that_is_done_is_decided',
    count: refillCount,
    broken: sql`
      select customer_id, 'refill ' || id as subject, status || ' and nobody works on it' as detail
      from refills where delivery = 'done' and status in ('Pending', 'In progress')`,
  },
  {
    invariant: 'I7',
    name: 'an_external_refill_is_one_refill',
    // Of no one customer; a unique index holds it between two verifications.
    part: null,
    count: refillCount,
    proof: proveUnique({
      name: 'refills_external',
      table: 'refills',
      columns: 'provider_id, external_id',
      where: 'external_id IS NOT NULL',
    }),
    broken: sql`
      select format('provider %s refill %s', provider_id, external_id) as subject,
        format('belongs to %s refills', count(*)) as detail
      from refills where external_id is not null
      group by provider_id, external_id having count(*) > 1`,
  },
  {
    invariant: 'I7',
    name: 'a_forwarded_refill_is_of_its_providers_order',
    count: refillCount,
    broken: sql`
      select r.customer_id, 'refill ' || r.id as subject,
        format('provider %s never accepted order %s', r.provider_id, r.order_id) as detail
      from refills r
      where r.provider_id is not null and not exists (
        select from attempts a where a.customer_id = r.customer_id and a.order_id = r.order_id
          and a.provider_id = r.provider_id and a.state = 'accepted')`,
  },
];
