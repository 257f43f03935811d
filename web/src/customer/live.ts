import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

/** What each event of the panel makes old; an order placed elsewhere shows as its charge. */
const stale = {
  orders: ['orders', 'refills'],
  balance: ['session', 'funds', 'orders'],
} as const;
type Change = keyof typeof stale;

/** A busy account changes every second; nobody reads lists faster than this. */
const gapMs = 3_000;
/** The browser comes back by itself but after a refusal. */
const retryMs = 30_000;

/** Asks again for what changed, as the panel says so, while the customer's pages are open. */
export function useLiveUpdates(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const waiting = new Set<string>();
    let source: EventSource | undefined;
    let refreshing: ReturnType<typeof setTimeout> | undefined;
    let retrying: ReturnType<typeof setTimeout> | undefined;

    const refresh = () => {
      refreshing = undefined;
      for (const key of waiting) void queryClient.invalidateQueries({ queryKey: [key] });
      waiting.clear();
    };
    const note = (...changes: Change[]) => {
      const isFirst = waiting.size === 0 && refreshing === undefined;
      for (const change of changes) for (const key of stale[change]) waiting.add(key);
      if (isFirst) refresh();
      refreshing ??= setTimeout(refresh, gapMs);
    };
    const open = () => {
      source = new EventSource('/api/customer/events');
      source.addEventListener('ready', () => {
        // What changed while nobody listened was not told; the page is older than the stream, too.
        note('orders', 'balance');
      });
      source.addEventListener('orders', () => note('orders'));
      source.addEventListener('balance', () => note('balance'));
      source.addEventListener('error', () => {
        if (source?.readyState === EventSource.CLOSED) retrying = setTimeout(open, retryMs);
      });
    };

    open();
    return () => {
      source?.close();
      clearTimeout(refreshing);
      clearTimeout(retrying);
    };
  }, [queryClient]);
}
