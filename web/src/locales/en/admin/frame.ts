export default {
  groups: { work: 'Every day', sell: 'What is sold', run: 'The panel' },
  pages: {
    dashboard: 'Dashboard',
    orders: 'Orders',
    queues: 'Queues',
    services: 'Services',
    providers: 'Providers',
    customers: 'Customers',
    payments: 'Payments',
    staff: 'Staff',
    settings: 'Settings',
    audit: 'Audit log',
    system: 'System',
  },
} as const;
