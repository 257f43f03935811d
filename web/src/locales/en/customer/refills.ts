export default {
  title: 'Refills',
  description: 'The refills you asked for, and what became of them.',
  one: 'Refill {{id}}',
  order: 'Order',
  asked: 'Asked for',
  none: 'No refills yet',
  noneSuch: 'No refill matches',
  noneText:
    'A completed order that loses what was delivered can be refilled from the list of orders.',
  toOrders: 'See your orders',
} as const;
