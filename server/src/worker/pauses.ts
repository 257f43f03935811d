/** Pauses of loops that end at once when the worker stops. */
export type Pauses = {
  wait: (ms: number) => Promise<void>;
  end: () => void;
};

/** Opens the pauses of one set of loops. */
export function createPauses(): Pauses {
  const waking = new Map<NodeJS.Timeout, () => void>();
  let isOver = false;
  return {
    wait: (ms) => {
      if (isOver || ms <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          waking.delete(timer);
          resolve();
        }, ms);
        waking.set(timer, resolve);
      });
    },
    end: () => {
      isOver = true;
      for (const [timer, resolve] of waking) {
        clearTimeout(timer);
        resolve();
      }
      waking.clear();
    },
  };
}
