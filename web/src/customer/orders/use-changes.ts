import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call, customerApi, Problem } from '../../api/client.ts';
import { showDone, useShowProblem } from '../../kit/problems.ts';

const ordersApi = customerApi.orders;
type Refusal = { code: string; detail: string };

/** What can be asked for of one order. What comes of it is read anew. */
export function useOrderChanges({ id: orderId, kind }: { id: number; kind: string }) {
  const { t } = useTranslation();
  const refresh = useRefreshOrders();
  const showProblem = useShowProblem();
  const shared = { onError: showProblem, onSettled: refresh };
  const refill = useMutation({
    ...shared,
    mutationFn: async () => {
      const { results } = await call(ordersApi.refill.$post({ json: { orders: [orderId] } }));
      throwRefusal(results[0]?.refusal);
    },
    onSuccess: () => showDone(t('orders.refillAsked')),
  });
  const cancel = useMutation({
    ...shared,
    mutationFn: async () => {
      const { results } = await call(ordersApi.cancel.$post({ json: { orders: [orderId] } }));
      throwRefusal(results[0]?.refusal);
    },
    onSuccess: () => showDone(t(kind === 'single' ? 'orders.cancelAsked' : 'orders.stopped')),
  });
  const pause = useMutation({
    ...shared,
    mutationFn: (isPaused: boolean) =>
      call(
        ordersApi[':orderId'].paused.$put({
          param: { orderId: String(orderId) },
          json: { isPaused },
        }),
      ),
    onSuccess: (_, isPaused) => showDone(t(isPaused ? 'orders.paused' : 'orders.resumed')),
  });
  return { refill, cancel, pause };
}

/** Reads everything anew that a change of an order shows in. */
export function useRefreshOrders(): () => void {
  const queryClient = useQueryClient();
  return () => {
    for (const key of ['orders', 'refills', 'session']) {
      void queryClient.invalidateQueries({ queryKey: [key] });
    }
  };
}

function throwRefusal(refusal: Refusal | null | undefined): void {
  if (refusal) throw new Problem({ ...refusal, message: refusal.code });
}
