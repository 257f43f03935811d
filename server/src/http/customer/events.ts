import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { AppError } from '../../base/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';

/** The browser comes back by itself, and is asked again who it is. */
const streamMs = 300_000;
/** Keeps proxies from taking a quiet stream for a dead one. */
const beatMs = 25_000;

/** `GET /events`: server-sent events that say what to ask for again: `orders`, `balance`. */
export function eventsApi(ctx: Pick<CustomerApiContext, 'live'>) {
  return new Hono<CustomerEnv>().get('/events', (c) => {
    const { customerId } = c.var.actor;
    const waiting: string[] = [];
    let wake = () => {};
    const listening = ctx.live.listen(customerId, (change) => {
      if (!waiting.includes(change)) waiting.push(change);
      wake();
    });
    if (listening === undefined) throw new AppError('rate_limited', 'too many open pages');
    // Proxies such as nginx must not collect the events into blocks.
    c.header('X-Accel-Buffering', 'no');
    return streamSSE(c, async (stream) => {
      const end = new AbortController();
      stream.onAbort(() => end.abort());
      const timer = setTimeout(() => end.abort(), streamMs);
      try {
        await listening.ready;
        await stream.writeSSE({ event: 'ready', data: '' });
        while (!end.signal.aborted) {
          const change = waiting.shift();
          if (change === 'closed') return;
          await (change === undefined
            ? stream.writeSSE({ event: 'beat', data: '' })
            : stream.writeSSE({ event: change, data: '' }));
          if (waiting.length === 0) await nextChange(end.signal, (call) => (wake = call));
        }
      } finally {
        clearTimeout(timer);
        listening.leave();
      }
    });
  });
}

/** Waits for a change, the next beat or the end, whichever comes first. */
function nextChange(signal: AbortSignal, onWake: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, beatMs);
    signal.addEventListener('abort', finish);
    onWake(finish);
    if (signal.aborted) finish();
  });
}
