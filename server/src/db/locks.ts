/**
 * The numbers of advisory locks, which are the same in every process: here all of them, as two
 * that have one number wait for each other. (Of two numbers, a kind of things and which one, are
 * those of providers; they are apart from these.)
 */
export const advisoryLocks = {
  /** Whoever changes the schema. */
  schema: 7_212_026,
  /** A whole verification that staff look on at. */
  verify: 7_212_027,
  /** Checks of what changed. */
  changes: 7_212_028,
  /** Months of history. */
  retention: 7_212_029,
  /** Who looks at what alarms are about: two at once would tell each other's news. */
  alarms: 7_212_030,
} as const;
