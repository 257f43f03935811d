import { ActionIcon, Button, Group, Modal, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconPlus, IconTag, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { useShowProblem } from '../../kit/problems.ts';
import { askFirst } from '../../kit/questions.ts';
import { RowButton } from '../../kit/row-button.tsx';
import { plainDecimal } from '../../money.ts';
import { type Customer, paramOf, useRefreshCustomers } from './queries.ts';
import { ServicePicker } from './service-picker.tsx';

const one = adminApi.customers[':customerId'];
type Price = Customer['prices'][number];
/** The service whose price is set; null: still to be chosen. */
type Editing = { id: number; name: string; listRate: string | null; rate: string } | null;

/** A customer's own prices, in place of list price and discount. */
export function Prices({ customer }: { customer: Customer }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const [editing, setEditing] = useState<Editing>();
  const edit = ({ serviceId: id, service: name, listRate, rate }: Price) =>
    setEditing({ id, name, listRate, rate });
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text c="dimmed" size="sm" flex="1 1 260px">
          {t('customers.pricesText')}
        </Text>
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setEditing(null)}>
          {t('customers.newPrice')}
        </Button>
      </Group>
      <DataList<Price>
        label={t('customers.tabs.prices')}
        rows={customer.prices}
        keyOf={({ serviceId }) => String(serviceId)}
        empty={
          <EmptyState
            icon={IconTag}
            title={t('customers.noPrices')}
            text={t('customers.noPricesText')}
          />
        }
        onOpen={edit}
        columns={[
          {
            key: 'service',
            label: t('customers.service'),
            render: (price) => (
              <RowButton onOpen={() => edit(price)}>
                {`${price.serviceId} · ${price.service}`}
              </RowButton>
            ),
          },
          {
            key: 'list',
            label: t('customers.listRate'),
            isFigure: true,
            render: ({ listRate }) => (listRate === null ? '–' : format.money(listRate)),
          },
          {
            key: 'rate',
            label: t('customers.ownRate'),
            isFigure: true,
            render: ({ rate }) => <strong>{format.money(rate)}</strong>,
          },
          {
            key: 'actions',
            label: t('customers.remove'),
            isActions: true,
            width: 80,
            render: (price) => <Remove customer={customer} price={price} />,
          },
        ]}
      />
      {editing !== undefined && (
        <PriceForm customer={customer} editing={editing} onClose={() => setEditing(undefined)} />
      )}
    </Stack>
  );
}

function useSetPrice(customer: Customer) {
  const refresh = useRefreshCustomers();
  return {
    onSettled: refresh,
    mutationFn: ({ serviceId, rate }: { serviceId: number; rate: string | null }) =>
      call(
        one.prices[':serviceId'].$put({
          param: { ...paramOf(customer.id).param, serviceId: String(serviceId) },
          json: { rate },
        }),
      ),
  };
}

function Remove({ customer, price }: { customer: Customer; price: Price }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const removing = useMutation({ ...useSetPrice(customer), onError: useShowProblem() });
  const label = `${t('customers.remove')}: ${price.service}`;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={label}
        loading={removing.isPending}
        onClick={(event) => {
          event.stopPropagation();
          askFirst({
            title: label,
            children: <Text size="sm">{t('customers.removeText')}</Text>,
            labels: { confirm: t('customers.remove'), cancel: words('states.cancel') },
            confirmProps: { color: 'red.9' },
            onConfirm: () => removing.mutate({ serviceId: price.serviceId, rate: null }),
          });
        }}
      >
        <IconTrash size={18} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

type FormProps = { customer: Customer; editing: Editing; onClose: () => void };

function PriceForm({ customer, editing, onClose }: FormProps) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const format = useFormat();
  const [service, setService] = useState(editing);
  const [rate, setRate] = useState(plainDecimal(editing?.rate ?? ''));
  const saving = useMutation({ ...useSetPrice(customer), onSuccess: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      title={service === null ? t('customers.newPrice') : service.name}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (service !== null) saving.mutate({ serviceId: service.id, rate: rate.trim() });
        }}
      >
        <Stack gap="md">
          {editing === null && (
            <ServicePicker
              customerId={customer.id}
              onChoose={(chosen) => {
                setService(chosen);
                if (chosen !== null) setRate(plainDecimal(chosen.rate));
              }}
            />
          )}
          <TextInput
            label={t('customers.ownRate')}
            description={
              service?.listRate
                ? t('customers.listRateIs', { rate: format.money(service.listRate) })
                : t('customers.rateHint')
            }
            inputMode="decimal"
            required
            value={rate}
            onChange={(event) => setRate(event.currentTarget.value)}
          />
          <ProblemAlert error={saving.error} />
          <Button type="submit" loading={saving.isPending} disabled={service === null}>
            {words('states.save')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
