export default {
  stopped: 'The money of this customer is stopped: see what was found on their page.',
  overLimit: 'You may give customers {{limit}} a day. {{left}} of it is left today.',
  countsToLimit: 'It counts to your daily limit of {{limit}}.',
  noCredit: 'Whoever has a daily limit cannot raise credit. Ask somebody without one.',
  tooMuch: 'At most {{most}} can be taken from this balance.',
  otherCurrency:
    'It was started before the currency of the panel changed. Reject it, and add to the balance ' +
    'what it is worth.',
  lacks: 'You lack the permission “{{area}}”.',
  badAmount: 'An amount such as 12.50, of at most 8 decimals',
} as const;
