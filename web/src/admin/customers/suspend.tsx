import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { type Customer, paramOf, useRefreshCustomers } from './queries.ts';
import { ReasonDialog } from './reason-dialog.tsx';

/** Suspends a customer, for a reason. */
export function Suspend({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const refresh = useRefreshCustomers();
  const [reason, setReason] = useState('');
  const suspending = useMutation({
    mutationFn: () =>
      call(
        adminApi.customers[':customerId'].$patch({
          ...paramOf(customer.id),
          json: { status: 'suspended', reason },
        }),
      ),
    onSuccess: () => {
      showDone(t('customers.suspended'));
      refresh();
      onClose();
    },
  });
  return (
    <ReasonDialog
      title={t('customers.titled', { what: t('customers.suspend'), name: customer.name })}
      text={t('customers.suspendText')}
      hint={t('customers.reasonHint')}
      reason={reason}
      onReason={setReason}
      onSubmit={() => suspending.mutate()}
      onClose={onClose}
    >
      <ProblemAlert error={suspending.error} />
      <Button type="submit" color="red.9" loading={suspending.isPending}>
        {t('customers.suspend')}
      </Button>
    </ReasonDialog>
  );
}
