/**
 * What panels of a release had in the tables that its migration made. Amounts are 10⁻⁸; the books
 * close, so that `verify` holds after any number of upgrades.
 */
export const seeds: Readonly<Record<string, string>> = {
  '0001_core.sql': `
    insert into customers (id, name, created_at) overriding system value
      values (1, 'Ada', '2026-01-01'), (2, 'Ben', '2026-01-01');
    update customers set status = 'suspended' where id = 2;
    insert into wallets (customer_id, balance, transfer_count) values (1, 9100000000, 3), (2, 0, 0);
    insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
      order_id, created_at) values
      (1, 1, 'deposits', 'wallet', 10000000000, 10000000000, 'deposits:bank-1', null, '2026-01-01'),
      (1, 2, 'wallet', 'sales', 1000000000, 9000000000, 'order:1:charge', 1, '2026-01-02'),
      (1, 3, 'sales', 'wallet', 100000000, 9100000000, 'order:1:refund:1', 1, '2026-01-03');
    insert into categories (id, name, position) overriding system value values (1, 'First', 1);
    insert into services (id, category_id, position, name, type, rate, min, max)
      overriding system value
      values (1, 1, 1, 'Plain', 'Default', 1000000, 10, 10000),
        (2, 1, 2, 'Off sale', 'Default', 1000000, 10, 10000);
    update services set enabled = false where id = 2;
    insert into orders (customer_id, id, service_id, type, kind, status, link, quantity, charge,
      refunded, remains, details, revision, created_at, updated_at, completed_at)
      values (1, 1, 1, 'Default', 'single', 'Partial', 'https://example.com/1', 1000, 1000000000,
        100000000, 100, '{}', 1, '2026-01-02', '2026-01-03', '2026-01-03');
    insert into order_versions (customer_id, version) values (1, 2);
    insert into order_events (customer_id, order_id, kind, actor, before, after, refund, created_at)
      values (1, 1, 'settled', 'staff:cli',
        '{"status": "Pending", "start_count": null, "remains": "1000", "refunded": "0.00"}',
        '{"status": "Partial", "start_count": null, "remains": "100", "refunded": "1.00"}',
        100000000, '2026-01-03');
    insert into audit (actor, action, subject, created_at)
      values ('staff:cli', 'customer.create', 'customer:1', '2026-01-01');
    select setval('order_ids', 10);`,
  '0002_delivery.sql': `
    insert into providers (id, name, url, created_at) overriding system value
      values (1, 'Upstream', 'https://panel.example/api/v2', '2026-01-01');
    insert into deliveries (customer_id, order_id, service_id, provider_id, external_service_id,
      route_position, state, attempts, external_id, created_at, accepted_at)
      values (1, 1, 1, 1, '7', 1, 'done', 1, '4711', '2026-01-02', '2026-01-02');
    insert into attempts (customer_id, order_id, number, provider_id, external_service_id, state,
      request_id, lease_until, external_id, started_at, ended_at)
      values (1, 1, 1, 1, '7', 'accepted', '', '2026-01-02', '4711', '2026-01-02', '2026-01-02');
    insert into delivery_events (customer_id, order_id, kind, actor, detail, created_at) values
      (1, 1, 'rerouted', 'system:forwarder', '{}', '2026-01-02'),
      -- Of a server whose clock was ahead.
      (1, 1, 'decided', 'staff:cli', '{}', '2099-12-31T23:59:59Z');
    insert into provider_calls (provider_id, hour, action, calls, buckets)
      values (1, '2026-01-02', 'add', 1, '{1}');`,
  '0005_staff_and_looks.sql': `
    insert into staff (id, name, areas, created_at) overriding system value
      values (1, 'ann', '{orders,system}', '2026-01-01');
    insert into staff_spending (staff_id, day, amount)
      values (1, '2026-01-05', 9223372036854775807);`,
  '0007_sign_in.sql': `
    insert into users (id, name, email, customer_id, created_at, updated_at)
      values ('u1', 'Ada', 'ada@example.com', 1, '2026-01-01', '2026-01-01');`,
  '0010_figures.sql': `
    insert into figure_days (day, deposits, bonuses, adjustments)
      values ('2026-01-05', 9223372036854775807, 0, -9223372036854775807);
    insert into figures (day, provider_id, service_id, orders, charge, refunded, cost, attempts,
      failures, completed, partial, canceled) values
      ('2026-01-05', 1, 0, 7, 9223372036854775807, -1, 9000000000, 8, 1, 6, 0, 0),
      ('2026-01-05', 1, 1, 7, 9223372036854775807, -1, 9000000000, 8, 1, 6, 0, 0);`,
};
