/** What waits for staff. */
export default {
  title: 'Queues',
  description: 'What waits for a decision. The oldest comes first.',
  tabs: {
    unknown: 'Unknown',
    held: 'Held',
    margin: 'At a loss',
    flagged: 'Flagged',
    late: 'Late accepted',
    refills: 'Refills',
    cancels: 'Cancellations',
    prices: 'Prices',
    stuck: 'Stuck',
  },
  about: {
    unknown:
      'The answer of the provider got lost: nobody knows whether it has these orders. Look ' +
      'there, then say how it is.',
    held: 'Every route refused them, or could not be reached. None of them is at a provider.',
    margin: 'They cost more at the provider than the customer paid. None of them was sent.',
    flagged:
      'They run at their provider, and it reports what can not be applied. Settle them by hand.',
    late:
      'They were closed here, and then a provider accepted them: it delivers for nothing. ' +
      'Cancel them there.',
    refills: 'No provider can do these refills by itself.',
    cancels: 'Customers ask to cancel, and no provider can be asked.',
    stuck:
      'They run for longer than 95 of 100 orders of their service took of late, and for at least ' +
      'a quarter of an hour; for three days where it has too few to tell.',
  },
  empty: {
    unknown: 'No outcome is unknown',
    held: 'No order is held',
    margin: 'No order waits because of what it costs',
    flagged: 'No order is flagged',
    late: 'No order was accepted late',
    refills: 'No refill waits for you',
    cancels: 'No cancellation waits for you',
    prices: 'No price waits',
    stuck: 'No order is stuck',
  },
  emptyText: 'New ones appear by themselves.',
  since: 'Came in {{ago}}',
  age: 'Placed',
  whatThere: '{{quantity}} of service {{service}} at {{provider}}',
  costs: 'costs {{amount}} there',
  paid: '{{amount}} paid',
  loss: 'A loss of {{amount}}',
  evidence: 'What was found out',
  noEvidence: 'Nothing yet: the panel is still looking.',
  asked: 'Asked again under its request number: {{outcome}}',
  balance: {
    charged: 'The balance there fell by what it costs: it seems to be there',
    not_charged: 'The balance there did not fall: it seems not to be there',
    unclear: 'The balance there says nothing',
  },
  balanceText:
    'Before {{before}}, after {{after}}; other orders cost {{explained}}, this one {{cost}}',
  shown: 'not known',
  probeFound: 'Order {{id}} there may be it',
  probeCandidates: 'Orders there that may be it: {{ids}}',
  probeNone: 'No order there may be it',
  probeRange: 'Looked at {{from}} to {{to}}',
  probeProblems: {
    noneBefore: 'no order before it is known',
    noneBetween: 'the orders before and after it have numbers that follow each other',
    tooMany: 'more than {{count}} numbers lie between',
    rivals: 'other orders with an unknown outcome at that time: {{count}}',
    otherCharge: 'it costs {{amount}} there',
  },
  probeCharge: {
    expected: 'it costs there what it should',
    other: 'it costs there something else',
    unknown: 'what it costs there is not known',
  },
  reply: 'Answer as it came',
  there: 'Order there: {{id}}',
  note: 'Note',
  requested: 'Asked for',
  gives: 'Gives back up to',
  stuckSince: 'Stuck since',
  open: 'Open',
  prices_one: '{{count}} price has jumped at its provider, and waits to be approved.',
  prices_other: '{{count}} prices have jumped at their providers, and wait to be approved.',
  pricesNot: 'You need the permission for services to decide on them.',
} as const;
