/**
 * The processes that answer on one port together with this one, so that what each counts in its own
 * memory holds for all. A message is on its way, not there: it is lost with the process that it was
 * sent to, and one that starts knows nothing of what was told before.
 */
export type Peers = {
  /** How many processes there are, this one included. */
  count: number;
  /** Which one this is, from 1; one that takes a dead one's place has its number. */
  number: number;
  /** Tells all others, or the one of that number. */
  tell: (topic: string, message: unknown, to?: number) => void;
  /** Hears what others tell under a topic, and which of them it was. */
  hear: (topic: string, listener: (message: unknown, from: number) => void) => void;
};
