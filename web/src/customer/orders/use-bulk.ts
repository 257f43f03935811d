import { useMutation } from '@tanstack/react-query';
import { call, customerApi } from '../../api/client.ts';
import { useShowProblem } from '../../kit/problems.ts';
import { useRefreshOrders } from './use-changes.ts';

export type BulkKind = 'refill' | 'cancel';
type Refusal = { code: string; detail: string };
/** What became of each order that something was asked for of. */
export type BulkResult = {
  kind: BulkKind;
  done: number[];
  refused: { id: number; why: Refusal }[];
};

/** The server takes no more at once. */
const ordersPerCall = 100;

/** Asks for the same of many orders, as many calls as it takes. */
export function useBulk(onDone: (result: BulkResult) => void) {
  const refresh = useRefreshOrders();
  const onError = useShowProblem();
  return useMutation({
    mutationFn: async ({ kind, ids }: { kind: BulkKind; ids: readonly number[] }) => {
      const result: BulkResult = { kind, done: [], refused: [] };
      for (let from = 0; from < ids.length; from += ordersPerCall) {
        const json = { orders: ids.slice(from, from + ordersPerCall) };
        const { results } = await call<{ results: { order: number; refusal: Refusal | null }[] }>(
          customerApi.orders[kind].$post({ json }),
        );
        for (const { order, refusal } of results) {
          if (refusal === null) result.done.push(order);
          else result.refused.push({ id: order, why: refusal });
        }
      }
      return result;
    },
    onSuccess: onDone,
    onError,
    onSettled: refresh,
  });
}
