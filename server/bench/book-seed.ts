import type { FilledPanel } from './panel.ts';

type Part = { from: number; to: number };

/** A wallet for every customer, with 1,000.00 that nothing needs. */
export async function openBooks({ owner: { sql } }: FilledPanel): Promise<void> {
  await sql`
    with opened as (
      insert into wallets (customer_id, balance, transfer_count)
      select id, 100000000000, 1 from customers returning *
    )
    insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
      created_at)
    select customer_id, 1, 'deposits', 'wallet', balance, balance, 'deposits:first',
      now() - interval '366 days'
    from opened`;
  await sql`insert into order_versions (customer_id, version) select id, 1 from customers`;
}

/**
 * The transfers of some orders in the order of time, and an event for each that changed: each is
 * paid in a minute before it is placed. A run is paid for by its drip-feed.
 */
export async function seedMovements({ owner: { sql } }: FilledPanel, part: Part): Promise<void> {
  const { from, to } = part;
  await sql`
    with numbered as (
      select m.*, w.transfer_count + row_number() over one as number,
        w.balance + sum(case m.credit when 'wallet' then m.amount else -m.amount end) over one
          as balance
      from (
        select o.customer_id, o.id, m.*
        from orders o
        cross join lateral (values
          (0, 'deposits', 'wallet', o.charge, o.created_at - interval '1 minute',
            'deposits:for-' || o.id, null::bigint),
          (1, 'wallet', 'sales', o.charge, o.created_at, 'order:' || o.id || ':charge', o.id),
          (2, 'sales', 'wallet', o.refunded, o.completed_at, 'order:' || o.id || ':refund:1', o.id)
        ) as m (step, debit, credit, amount, at, reference, order_id)
        where o.id between ${from}::int and ${to}::int and m.amount > 0
          and (step = 2 or o.parent_id is null or o.parent_id % 1000 <> 0)
      ) m
      join wallets w using (customer_id)
      window one as (partition by customer_id order by at, id, step)
    ), moved as (
      insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
        order_id, created_at)
      select customer_id, number, debit, credit, amount, balance, reference, order_id, at
      from numbered order by at
      returning customer_id, number, balance_after
    )
    update wallets w set balance = l.balance_after, transfer_count = l.number
    from (
      select distinct on (customer_id) * from moved order by customer_id, number desc
    ) l
    where w.customer_id = l.customer_id`;
  await seedEvents(sql, sql`kind <> 'drip_feed' and id between ${from}::int and ${to}::int`);
}

/** The same of drip-feeds, once it is known what their runs came to. */
export async function seedParentEvents({ owner: { sql } }: FilledPanel): Promise<void> {
  await seedEvents(sql, sql`kind = 'drip_feed'`);
}

type Sql = FilledPanel['owner']['sql'];

async function seedEvents(sql: Sql, which: ReturnType<Sql>): Promise<void> {
  await sql`
    insert into order_events (customer_id, order_id, revision, kind, actor, before, after, refund,
      created_at)
    select customer_id, id, revision, 'settled', 'system:poller',
      jsonb_build_object('status', case kind when 'single' then 'Pending' else 'Active' end,
        'start_count', null, 'remains', quantity::text, 'refunded', '0.00'),
      jsonb_build_object('status', status, 'start_count', start_count::text,
        'remains', remains::text,
        'refunded', to_char(refunded / 100000000.0, 'FM9999999990.00999999')),
      refunded, updated_at
    from orders where revision > 0 and ${which} order by updated_at`;
}
