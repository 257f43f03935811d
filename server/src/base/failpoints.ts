/** Every place in the code where a test can stop the process or make it fail, in one list. */
export type FailpointName =
  /** A batch of orders is about to lock its wallets. */
  | 'place.before_lock'
  /** Wallets are locked, nothing is written. */
  | 'place.after_lock'
  /** Orders are stored in a transaction in which nobody has paid for them. */
  | 'place.after_orders'
  /** They are paid for, and nothing is committed. */
  | 'place.after_debit'
  /** They are committed, nobody is answered. */
  | 'place.after_commit'
  /** Orders that reports are about are locked. */
  | 'settle.after_lock'
  /** Status, refunds and events are written in a transaction that is not committed. */
  | 'settle.before_commit'
  /** Runs of drip-feeds that are due are locked. */
  | 'runs.after_claim'
  /** Their orders are stored, the next run is not set. */
  | 'runs.after_orders'
  /** All of it is written in a transaction that is not committed. */
  | 'runs.before_commit'
  /** A post's order is charged, the post still counts as due. */
  | 'post.after_debit'
  /** All of it is written in a transaction that is not committed. */
  | 'post.before_commit'
  /** Attempts are written in a transaction that is not committed. */
  | 'forward.before_commit'
  /** A statement is about to be sent to the database; an error breaks its connection. */
  | 'db.before_statement'
  /** A statement has been carried out, its answer is not heard; an error breaks its connection. */
  | 'db.after_statement'
  /** An attempt is written, nothing is sent. */
  | 'forward.after_intent'
  /** The provider has answered, the answer is not written. */
  | 'forward.after_send'
  /** Answers are written in a transaction that is not committed. */
  | 'record.before_commit'
  /** Answers are written, their workers do not know it. */
  | 'record.after_commit'
  /** Attempts whose worker is gone become unknown in a transaction that is not committed. */
  | 'lease.before_commit'
  /** A decision of staff is written in a transaction that is not committed. */
  | 'decide.before_commit'
  /** Reports of a poll are read, not applied. */
  | 'poll.after_reply'
  /** Reports of a poll are applied. */
  | 'poll.after_commit'
  /** Requests of refills are written in a transaction that is not committed. */
  | 'refill.before_commit'
  /** They are committed, nobody is answered. */
  | 'refill.after_commit'
  /** A refill is written down as being asked for, and is not. */
  | 'refill.after_intent'
  /** A refill was asked for upstream, the answer is not written. */
  | 'refill.after_send'
  /** Cancellations and their refunds are written in a transaction that is not committed. */
  | 'cancel.before_commit'
  /** They are committed, nobody is answered. */
  | 'cancel.after_commit'
  /** A cancellation is written down as being asked for, and is not. */
  | 'cancel.after_intent'
  /** A cancellation was asked for upstream, the answer is not written. */
  | 'cancel.after_send'
  /** A deposit has moved in a transaction that is not committed. */
  | 'deposit.before_commit'
  /** It is committed, nobody is answered. */
  | 'deposit.after_commit'
  /** An adjustment has moved in a transaction that is not committed. */
  | 'adjust.before_commit'
  /** Stripe has a session, which is not written at its payment. */
  | 'payment.after_session'
  /** A payment's money has moved in a transaction that is not committed. */
  | 'payment.before_commit'
  /** A month that is due is in its file, and still in the database. */
  | 'retention.after_export'
  /** It is dropped in a transaction that is not committed. */
  | 'retention.before_commit';

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
