import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useShowProblem } from '../../kit/problems.ts';
import { ordersKey } from './queries.ts';

/**
 * A command on orders: whatever comes of it, what is shown of orders and queues is asked for again,
 * as a refusal means that somebody else was faster. A refusal is shown in the corner, or by the
 * form that says it does so itself.
 */
export function useCommand<Input, Result>(
  act: (input: Input) => Promise<Result>,
  options: { onDone?: (result: Result) => void; isFormOwn?: boolean } = {},
) {
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const { onDone, isFormOwn = false } = options;
  return useMutation({
    mutationFn: act,
    onSuccess: (result) => onDone?.(result),
    onError: isFormOwn ? () => undefined : showProblem,
    onSettled: () => queryClient.invalidateQueries({ queryKey: [ordersKey] }),
  });
}
