import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, customerApi, Problem } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { useProblemText } from '../../kit/problems.ts';
import { parseDecimal, plainDecimal } from '../../money.ts';
import { useLeaving } from './open-actions.tsx';
import { type Method, quoteQuery } from './queries.ts';

const typingPauseMs = 300;

/** What the deposit form begins with. */
export type DepositStart = { methodId?: number | undefined; amount?: string | undefined };

type Options = { start: DepositStart; onStarted: (paymentId: number) => void };

/** The state of one deposit while it is written, its price by the server, and its start. */
export function useDeposit(methods: readonly Method[], { start, onStarted }: Options) {
  const queryClient = useQueryClient();
  const [methodId, setMethodId] = useState(start.methodId ?? methods[0]?.id);
  const [amount, setAmount] = useState(plainDecimal(start.amount ?? ''));
  const [isLeaving, setLeaving] = useLeaving();
  const method = methods.find(({ id }) => id === methodId) ?? methods[0];
  const reason = useAmountProblem(method, amount);
  const [asked] = useDebouncedValue(amount.trim(), typingPauseMs);
  const isAskable = method !== undefined && asked !== '' && reason === undefined;
  const quote = useQuery({ ...quoteQuery(method?.id ?? 0, asked), enabled: isAskable });
  const textOf = useDepositProblem(method);
  const starting = useMutation({
    mutationFn: (chosen: Method) =>
      call(
        customerApi.funds.payments.$post({ json: { method: chosen.id, amount: amount.trim() } }),
      ),
    onSuccess: async ({ payment, next }) => {
      if (next.kind === 'redirect') {
        setLeaving(true);
        window.location.assign(next.url);
        return;
      }
      await queryClient.invalidateQueries({ queryKey: ['funds', 'payments'] });
      onStarted(payment);
    },
  });
  const quoted = isAskable && !quote.error ? quote.data : undefined;
  // One that is only looked at again goes on to hold: a button must not vanish under the finger.
  const isQuoted = (quote.isSuccess && !quote.isPlaceholderData) || quote.isError;
  return {
    method,
    amount,
    quote: quoted,
    isQuoting: isAskable && (!isQuoted || asked !== amount.trim()),
    amountProblem: reason ?? (isAskable && quote.error ? textOf(quote.error) : undefined),
    problem: starting.error ? textOf(starting.error) : undefined,
    isStarting: starting.isPending || isLeaving,
    choose: (chosen: Method | undefined) => {
      setMethodId(chosen?.id);
      starting.reset();
    },
    setAmount: (text: string) => {
      setAmount(text);
      starting.reset();
    },
    start: () => {
      if (method !== undefined) starting.mutate(method);
    },
  };
}

/** What is plainly wrong with an amount, while it is typed. */
function useAmountProblem(method: Method | undefined, text: string): string | undefined {
  const { t } = useTranslation();
  const format = useFormat();
  if (method === undefined || text.trim() === '') return undefined;
  const value = parseDecimal(text);
  if (value === undefined || value <= 0n) return t('funds.noAmount');
  const [min, max] = [method.min, method.max].map((limit) => parseDecimal(limit) ?? 0n);
  if (min !== undefined && value < min) return t('funds.min', { amount: format.money(method.min) });
  if (max !== undefined && value > max) return t('funds.max', { amount: format.money(method.max) });
  return undefined;
}

/** Refusals of an amount in words of this page. */
function useDepositProblem(method: Method | undefined): (error: unknown) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const textOf = useProblemText();
  return (error) => {
    if (!(error instanceof Problem) || method === undefined) return textOf(error);
    const { code, detail } = error;
    if (code === 'conflict' && detail === 'unpaid') return t('funds.tooManyOpen');
    if (code === 'not_found') return t('funds.methodGone');
    if (code === 'not_allowed' || code === 'conflict') return t('funds.methodBroken');
    if (code !== 'invalid_input') return textOf(error);
    if (detail === 'min') return t('funds.min', { amount: format.money(method.min) });
    if (detail === 'max') return t('funds.max', { amount: format.money(method.max) });
    return t('funds.badAmount');
  };
}
