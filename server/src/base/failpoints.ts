/** Every place in the code where a test can stop the process or make it fail, in one list. */
export type FailpointName =
  /** An attempt is written, nothing is sent. */
  | 'forward.after_intent'
  /** The provider has answered, the answer is not written. */
  | 'forward.after_send'
  /** Reports of a poll are read, not applied. */
  | 'poll.after_reply'
  /** A refill was asked for upstream, the answer is not written. */
  | 'refill.after_send'
  /** A cancellation was asked for upstream, the answer is not written. */
  | 'cancel.after_send'
  /** Stripe has a session, which is not written at its payment. */
  | 'payment.after_session'
  /** A payment's money has moved in a transaction that is not committed. */
  | 'payment.before_commit';

const active = new Map<FailpointName, () => void | Promise<void>>();

/** Runs what a test has set for this point; nothing and at no cost otherwise. */
export function reach(name: FailpointName): void | Promise<void> {
  if (active.size > 0) return active.get(name)?.();
}

/** Sets what happens at a point; undefined clears it. For tests. */
export function setFailpoint(name: FailpointName, action?: () => void | Promise<void>): void {
  if (action === undefined) active.delete(name);
  else active.set(name, action);
}
