/** The actions of the panel API v2, in the order the documentation shows them. */
export const actionNames = [
  'services',
  'add',
  'status',
  'refill',
  'refill_status',
  'cancel',
  'balance',
] as const;

export type ActionName = (typeof actionNames)[number];
