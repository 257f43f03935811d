import { Button, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { type Customer, paramOf, useRefreshCustomers } from './queries.ts';

/** Suspends a customer, for a reason. */
export function Suspend({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
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
    <Modal
      opened
      onClose={onClose}
      title={`${t('customers.suspend')}: ${customer.name}`}
      closeButtonProps={{ 'aria-label': words('states.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          suspending.mutate();
        }}
      >
        <Stack gap="md">
          <Text size="sm">{t('customers.suspendText')}</Text>
          <Textarea
            label={t('customers.reason')}
            description={t('customers.reasonHint')}
            required
            maxLength={500}
            autosize
            minRows={2}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <ProblemAlert error={suspending.error} />
          <Button type="submit" color="red" loading={suspending.isPending}>
            {t('customers.suspend')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
