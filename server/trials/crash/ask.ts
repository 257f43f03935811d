import { setTimeout as delay } from 'node:timers/promises';

/** The parameters of a call. */
export type Fields = Record<string, string | number>;

/** Calls to an API that comes and goes. */
export type Ask = {
  /** Repeats a call until it is answered; says whether an earlier one may have been heard too. */
  surely: (key: string, fields: Fields) => Promise<{ reply: unknown; isRepeated: boolean }>;
  /** Resolves when a balance is answered: read from the database, so all of the way works. */
  untilAnswered: (key: string) => Promise<void>;
  repeats: () => number;
  /** Lets go of what waits; it gets no reply. */
  abandon: () => void;
};

const retryMs = 15;
const probeMs = 10;
const callTimeoutMs = 15_000;

/** Opens the way to an API. */
export function createAsk(url: string): Ask {
  let repeats = 0;
  let isAbandoned = false;

  async function surely(key: string, fields: Fields) {
    for (let attempt = 0; ; attempt += 1) {
      const reply = await call(url, { key, ...fields });
      if (reply !== undefined || isAbandoned) return { reply, isRepeated: attempt > 0 };
      repeats += 1;
      await delay(retryMs);
    }
  }

  return {
    surely,
    untilAnswered: async (key) => {
      while (!isAbandoned) {
        const reply = await call(url, { key, action: 'balance' });
        if (typeof Object(reply).balance === 'string') return;
        await delay(probeMs);
      }
    },
    repeats: () => repeats,
    abandon: () => {
      isAbandoned = true;
    },
  };
}

/** What was answered with status 200; undefined for no answer, or none that says anything. */
async function call(url: string, fields: Fields): Promise<unknown> {
  const named = Object.entries(fields).map(([name, value]): [string, string] => {
    return [name, String(value)];
  });
  const body = new URLSearchParams(named);
  const signal = AbortSignal.timeout(callTimeoutMs);
  try {
    const response = await fetch(`${url}/api/v2`, { method: 'POST', body, signal });
    const text = await response.text();
    return response.status === 200 ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
