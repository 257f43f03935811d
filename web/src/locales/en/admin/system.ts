export default {
  title: 'System',
  description: 'Whether the panel does what it should, and what it runs on.',
  reference: 'API reference',
  state: {
    title: 'State',
    green: 'All is well',
    red: 'Something needs you',
    ok: 'OK',
    bad: 'Look here',
    checks: {
      database: {
        title: 'Database',
        ok: 'It answers.',
        bad: 'It does not answer. Look at the log of the server, and whether its disk is full.',
      },
      serving: {
        title: 'Server',
        ok: 'It serves.',
        bad: 'It is stopping. Start it again unless you meant to stop it.',
      },
      restore: {
        title: 'Restore',
        ok: 'No restore waits to be confirmed.',
        bad:
          'This panel was restored from a backup of {{since}}. What may have been sent since ' +
          'then is unknown, and nothing goes out to providers until you confirm.',
      },
      books: {
        title: 'Books',
        ok: 'What changed of books and orders adds up.',
        bad:
          'Something does not add up, so the money of these customers is stopped: {{names}}. ' +
          'See what was found on their page.',
      },
      dispatch: {
        title: 'Sending orders',
        ok: 'What is due is sent.',
        bad:
          'Orders that should have left: {{count}}, the oldest {{since}}. See whether a ' +
          'worker runs (below) and whether providers are slow.',
      },
      providers: {
        title: 'Providers',
        ok: 'None has stopped for lack of funds or a refused key.',
        bad:
          'Stopped for lack of funds or a refused key: {{names}}. Add funds or correct the ' +
          'key, then set the provider on again.',
      },
      unknown: {
        title: 'Unknown outcomes',
        ok: 'None has waited for long.',
        bad:
          'Orders of which nobody knows whether their provider has them: {{count}}, the ' +
          'oldest {{since}}. Decide them in the queue.',
      },
      worker: {
        title: 'Worker',
        ok: 'It last did something {{since}}.',
        bad:
          'It last did something {{since}}: no worker runs. Start "panelwright serve" with ' +
          'the role all or worker.',
        never: 'No worker has ever run. Start "panelwright serve" with the role all or worker.',
      },
      backup: {
        title: 'Backups',
        ok: 'The last one was begun {{since}}.',
        bad:
          'The last one, begun {{since}}, was not finished, or the next is overdue. See the ' +
          'task "backups" below, and whether the disk is full. If none is wanted any more: ' +
          'npx panelwright end-backups.',
        none: 'None is made by itself. Set PANELWRIGHT_BACKUP_DIR, or back up by a timer.',
      },
      tasks: {
        title: 'Tasks',
        ok: 'None failed within the last hour.',
        bad:
          'Failed within the last hour: {{names}}. The reason stands below; the log of the ' +
          'server has more.',
      },
      mail: {
        title: 'Mail',
        ok: 'Nothing is held up.',
        keep: 'There is no SMTP server, so mails wait: {{count}}. Set SMTP_URL and MAIL_FROM.',
        bad: 'Mails that could not be sent so far: {{count}}. See why below.',
      },
      connections: {
        title: 'Connections',
        ok: '{{used}} of {{max}} are used.',
        bad:
          '{{used}} of {{max}} are used. Raise max_connections of the database, or run ' +
          'fewer processes.',
      },
    },
    restore: {
      confirm: 'Confirm the restore',
      title: 'Let this panel go on?',
      text:
        'Confirm once the panel that the backup was taken of is stopped for good. New orders ' +
        'are then sent again. What may have been sent since the backup stays unknown, and ' +
        'waits for your decision in the queue.',
      done: 'Confirmed. Orders to be decided: {{count}}',
    },
    toQueues: 'To the queues',
    toCustomers: 'To the customers',
    toProviders: 'To the providers',
    toSettings: 'To the mail settings',
  },
  verify: {
    title: 'Verify',
    text:
      'Checks every invariant of books, orders and their history, beside the working panel. ' +
      'The first time it reads the whole database: minutes, where there are millions of orders. ' +
      'Later it sums up what has changed since, and of the rest a little each day.',
    start: 'Verify now',
    starting: 'About to begin',
    progress: 'Step {{step}} of {{total}}',
    running: 'Started {{since}} by {{who}}',
    never: 'It has not been run from here yet.',
    ok: 'All {{checks}} checks hold.',
    broken: 'Rows that break a rule: {{count}}',
    failed: 'It could not be finished: {{failure}}',
    interrupted: 'It was interrupted: its process is gone.',
    when: 'By {{who}}, {{since}}',
    check: 'Check',
    looked: 'Looked at',
    brokenRows: 'Broken',
    subject: 'Of what',
    detail: 'What is wrong',
    all: 'Show all checks',
    advice:
      'Do not mend rows by hand. Keep a backup of now, look into the log of the server ' +
      'around the time of these rows, and report it with the names of the checks.',
    cut: 'At most 100 rows of each check are listed.',
  },
  mails: {
    title: 'Mail',
    waiting: 'Waiting ({{count}})',
    failed: 'Given up ({{count}})',
    retry: 'Try all now',
    retried: 'Put forward: {{count}}',
    recipient: 'To',
    kind: 'About',
    kinds: {
      address_in_use: 'A sign-up with an address in use',
      alarm: 'An alarm',
      change_address: 'A change of address',
      confirm_address: 'An address to confirm',
      deposit_credited: 'A deposit',
      order_news: 'News of orders',
      password_changed: 'A changed password',
      reset_password: 'A new password',
      test: 'A test',
    },
    tries: 'Tries',
    due: 'Next try',
    gaveUp: 'Given up',
    created: 'Written',
    error: 'Last error',
    noneWaiting: 'Nothing waits',
    noneFailed: 'Nothing was given up within the last month',
  },
  tasks: {
    title: 'Tasks of the worker',
    name: 'Task',
    last: 'Last run',
    took: 'Took',
    failed: 'Last failure',
    none: 'No worker has run yet',
  },
  facts: {
    title: 'What it runs on',
    panel: 'Panelwright',
    node: 'Node.js',
    postgres: 'PostgreSQL',
    migration: 'Schema',
    size: 'Database size',
    connections: 'Connections',
    tables: 'Largest tables',
    table: 'Table',
    bytes: 'Size',
    rows: 'Rows, about',
  },
} as const;
