import { Button, Menu, Text, Tooltip } from '@mantine/core';
import {
  IconAdjustments,
  IconChevronDown,
  IconCoins,
  IconUserCheck,
  IconUserPause,
  IconUserShield,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { enterActing } from '../../kit/acting-banner.tsx';
import { showDone, useShowProblem } from '../../kit/problems.ts';
import { askFirst } from '../../kit/questions.ts';
import { useAreas } from '../use-areas.ts';
import { AddFunds, Adjust } from './money-forms.tsx';
import { type Customer, paramOf, useRefreshCustomers } from './queries.ts';
import { Suspend } from './suspend.tsx';

const one = adminApi.customers[':customerId'];
type Dialog = 'funds' | 'adjust' | 'suspend';

/** What can be done with a customer as a whole. */
export function CustomerActions({ customer }: { customer: Customer }) {
  const { t } = useTranslation('admin');
  const [dialog, setDialog] = useState<Dialog>();
  const mayPay = useAreas().has('payments');
  const close = () => setDialog(undefined);
  return (
    <>
      <Tooltip label={t('customers.needsPayments')} disabled={mayPay}>
        <Button
          leftSection={<IconCoins size={16} aria-hidden />}
          data-disabled={!mayPay || undefined}
          aria-disabled={!mayPay}
          onClick={() => mayPay && setDialog('funds')}
        >
          {t('customers.addFunds')}
        </Button>
      </Tooltip>
      <More customer={customer} mayPay={mayPay} onOpen={setDialog} />
      {dialog === 'funds' && <AddFunds customer={customer} onClose={close} />}
      {dialog === 'adjust' && <Adjust customer={customer} onClose={close} />}
      {dialog === 'suspend' && <Suspend customer={customer} onClose={close} />}
    </>
  );
}

type MoreProps = { customer: Customer; mayPay: boolean; onOpen: (dialog: Dialog) => void };

function More({ customer, mayPay, onOpen }: MoreProps) {
  const { t } = useTranslation('admin');
  const act = useActAs(customer);
  const reactivate = useReactivate(customer);
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
          {t('customers.more')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconAdjustments size={16} aria-hidden />}
          disabled={!mayPay}
          onClick={() => onOpen('adjust')}
        >
          {t('customers.adjust')}
          {!mayPay && (
            <Text size="xs" c="dimmed">
              {t('customers.needsPayments')}
            </Text>
          )}
        </Menu.Item>
        <Menu.Item leftSection={<IconUserShield size={16} aria-hidden />} onClick={act}>
          {t('customers.actAs')}
        </Menu.Item>
        <Menu.Divider />
        {customer.status === 'active' ? (
          <Menu.Item
            className="bad"
            leftSection={<IconUserPause size={16} aria-hidden />}
            onClick={() => onOpen('suspend')}
          >
            {t('customers.suspend')}
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconUserCheck size={16} aria-hidden />} onClick={reactivate}>
            {t('customers.reactivate')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function useActAs(customer: Customer): () => void {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const acting = useMutation({
    mutationFn: () => call(one['act-as'].$post(paramOf(customer.id))),
    onSuccess: enterActing,
    onError: useShowProblem(),
  });
  return () =>
    askFirst({
      title: t('customers.titled', { what: t('customers.actAs'), name: customer.name }),
      children: <Text size="sm">{t('customers.actAsText')}</Text>,
      labels: { confirm: t('customers.actAs'), cancel: words('states.cancel') },
      onConfirm: () => acting.mutate(),
    });
}

function useReactivate(customer: Customer): () => void {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const refresh = useRefreshCustomers();
  const changing = useMutation({
    mutationFn: () => call(one.$patch({ ...paramOf(customer.id), json: { status: 'active' } })),
    onSuccess: () => showDone(t('customers.reactivated')),
    onError: useShowProblem(),
    onSettled: refresh,
  });
  const isDispute = customer.suspendedBy === 'dispute';
  return () =>
    askFirst({
      title: t('customers.titled', { what: t('customers.reactivate'), name: customer.name }),
      children: (
        <Text size="sm">
          {t(isDispute ? 'customers.reactivateDispute' : 'customers.reactivateText')}
        </Text>
      ),
      labels: { confirm: t('customers.reactivate'), cancel: words('states.cancel') },
      onConfirm: () => changing.mutate(),
    });
}
