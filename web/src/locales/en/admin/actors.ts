/** Who does something. */
export default {
  cli: 'Command line',
  customer: 'Customer {{id}}',
  forCustomer: '{{staff}}, as {{customer}}',
  system: {
    balances: 'The panel, watching balances',
    cancels: 'The panel, passing cancellations on',
    demo: 'The demo',
    forwarder: 'The panel, sending orders',
    poller: 'The panel, asking providers',
    reconciler: 'The panel, looking for lost orders',
    refills: 'The panel, passing refills on',
    restore: 'The panel, after a restore',
    sandbox: 'The sandbox',
    'sign-up': 'Sign-up',
    stripe: 'Stripe',
    subscriptions: 'The panel, following posts',
    sync: 'The panel, following catalogs',
    verify: 'The panel, checking the books',
    webhook: 'The payment gateway',
    worker: 'The panel',
  },
} as const;
