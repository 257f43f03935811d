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
  refused: 'You lack the permission for this page',
  refusedText:
    'It takes the permission “{{area}}”. A member of staff who may change staff can give it to ' +
    'you.',
  toDashboard: 'To the dashboard',
  waiting: 'Waiting: {{count}}',
  isRed: 'Something stands still',
  factor: {
    none: 'Set up a second factor',
    noneText:
      'Staff of this panel need TOTP or a passkey. Until you have set one up here, this ' +
      'page is all you reach.',
    passkey: 'Sign in with your passkey',
    passkeyText:
      'You have a passkey, but signed in with the password alone. Sign out, then in again ' +
      'with the passkey.',
    signOut: 'Sign out',
  },
} as const;
