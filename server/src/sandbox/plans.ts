/** How fast orders go. All times are after the order, the request, the run. */
export type Pace = {
  /** How long an order stays Pending. */
  pendingMs: number;
  /** How long it is delivered from then on. */
  deliverMs: number;
  /** When a cancel request takes effect. */
  cancelMs: number;
  /** When a refill is decided; the first half of it is Pending. */
  refillMs: number;
};

/** A usual order takes 40 seconds, for someone who watches. */
export const demoPace: Pace = {
  pendingMs: 5_000,
  deliverMs: 35_000,
  cancelMs: 5_000,
  refillMs: 20_000,
};

/** What becomes of an order; what is not given goes the usual way, to Completed. */
export type Plan = Partial<Pace> & {
  /** A state that is no end is one the order stays in. */
  end?: 'Completed' | 'Partial' | 'Canceled' | 'Pending' | 'Processing' | 'In progress';
  /** What is left at the end of `Partial`, or where `In progress` stays. Default: half. */
  remains?: number;
  startCount?: number;
  /** `ignored`: the request is taken, and nothing comes of it. */
  cancel?: 'works' | 'ignored';
  /** A state that is no end is one the refill stays in. */
  refill?: 'Completed' | 'Rejected' | 'Error' | 'Pending' | 'In progress';
};
