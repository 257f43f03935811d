import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { showDone } from '../../kit/problems.ts';
import { MoneyProblem } from '../money-problem.tsx';
import { useAreas } from '../use-areas.ts';
import { type Customer, paramOf, useRefreshCustomers } from './queries.ts';
import { ReasonDialog } from './reason-dialog.tsx';

const findingsShown = 5;

/** That a customer's money is stopped, what was found, and the way out of it. */
export function MoneyStopped({ customer }: { customer: Customer }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const areas = useAreas();
  const [isLifting, setLifting] = useState(false);
  const { moneyStop } = customer;
  if (moneyStop === null) return null;
  const { stoppedAt, findings } = moneyStop;
  const more = findings.length - findingsShown;
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('customers.moneyStopped', { since: format.ago(stoppedAt) })}
    >
      <Stack gap="sm">
        <Text size="sm">{t('customers.moneyStoppedText')}</Text>
        <Stack gap={4} component="ul" m={0} pl="md">
          {findings.slice(0, findingsShown).map(({ check, subject, detail }) => (
            <Text key={`${check} ${subject}`} size="sm" component="li" className="long">
              <Text span inherit ff="monospace">
                {check}
              </Text>
              {`: ${subject}, ${detail}`}
            </Text>
          ))}
        </Stack>
        {more > 0 && <Text size="sm">{t('customers.moneyStoppedMore', { count: more })}</Text>}
        {areas.has('payments') && (
          <Group>
            <Button size="xs" color="red.9" onClick={() => setLifting(true)}>
              {t('customers.liftStop')}
            </Button>
          </Group>
        )}
      </Stack>
      {isLifting && <LiftStop customer={customer} onClose={() => setLifting(false)} />}
    </Alert>
  );
}

function LiftStop({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const refresh = useRefreshCustomers();
  const [reason, setReason] = useState('');
  const lifting = useMutation({
    mutationFn: () =>
      call(
        adminApi.customers[':customerId']['lift-stop'].$post({
          ...paramOf(customer.id),
          json: { reason },
        }),
      ),
    onSuccess: () => {
      showDone(t('customers.liftStopDone'));
      refresh();
      onClose();
    },
  });
  return (
    <ReasonDialog
      title={t('customers.titled', { what: t('customers.liftStop'), name: customer.name })}
      text={t('customers.liftStopText')}
      reason={reason}
      onReason={setReason}
      onSubmit={() => lifting.mutate()}
      onClose={onClose}
    >
      <MoneyProblem error={lifting.error} />
      <Button type="submit" color="red.9" loading={lifting.isPending} disabled={!reason.trim()}>
        {t('customers.liftStop')}
      </Button>
    </ReasonDialog>
  );
}
