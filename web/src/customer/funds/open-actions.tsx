import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, customerApi, Problem } from '../../api/client.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone, useShowProblem } from '../../kit/problems.ts';
import { askFirst } from '../../kit/questions.ts';
import type { PaymentRow } from './queries.ts';

const onePayment = customerApi.funds.payments[':paymentId'];

type Props = { payment: Pick<PaymentRow, 'id' | 'methodKind'> };

/** What a customer can do with a payment that is not made: go on with it, or let it go. */
export function OpenActions({ payment }: Props) {
  const resume = useResume(payment.id);
  const { t } = useTranslation();
  return (
    <>
      <ProblemAlert error={resume.isOver ? undefined : resume.error} />
      {resume.isOver && (
        <Text size="sm" role="alert">
          {t('funds.over')}
        </Text>
      )}
      <Group gap="sm">
        {payment.methodKind !== 'manual' && (
          <Button onClick={resume.start} loading={resume.isLeaving}>
            {t('funds.resume')}
          </Button>
        )}
        <Dismiss paymentId={payment.id} />
      </Group>
    </>
  );
}

/** Goes on with a payment where it was left. */
export function useResume(paymentId: number) {
  const queryClient = useQueryClient();
  const [isLeaving, setLeaving] = useLeaving();
  const { error, isPending, mutate } = useMutation({
    mutationFn: () => call(onePayment.resume.$post({ param: { paymentId: String(paymentId) } })),
    onSuccess: ({ next }) => {
      if (next.kind !== 'redirect') return;
      setLeaving(true);
      window.location.assign(next.url);
    },
    onError: () => queryClient.invalidateQueries({ queryKey: ['funds'] }),
  });
  return {
    error,
    isOver: error instanceof Problem && error.code === 'conflict',
    isLeaving: isPending || isLeaving,
    start: () => mutate(),
  };
}

function Dismiss({ paymentId }: { paymentId: number }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const dismissing = useMutation({
    mutationFn: () => call(onePayment.dismiss.$post({ param: { paymentId: String(paymentId) } })),
    onSuccess: () => showDone(t('funds.dismissed')),
    onError: showProblem,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['funds'] }),
  });
  const ask = () =>
    askFirst({
      title: t('funds.dismissTitle', { id: paymentId }),
      children: <Text size="sm">{t('funds.dismissText')}</Text>,
      labels: { confirm: t('funds.dismiss'), cancel: t('states.cancel') },
      onConfirm: () => dismissing.mutate(),
    });
  return (
    <Button variant="default" onClick={ask} loading={dismissing.isPending}>
      {t('funds.dismiss')}
    </Button>
  );
}

/** True from the moment the browser goes elsewhere; the way back can show the same page again. */
export function useLeaving() {
  const [isLeaving, setLeaving] = useState(false);
  useEffect(() => {
    const stay = () => setLeaving(false);
    window.addEventListener('pageshow', stay);
    return () => window.removeEventListener('pageshow', stay);
  }, []);
  return [isLeaving, setLeaving] as const;
}
