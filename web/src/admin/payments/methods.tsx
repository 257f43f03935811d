import { ActionIcon, Badge, Button, Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconCreditCardPay, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { useShowProblem } from '../../kit/problems.ts';
import { RowButton } from '../../kit/row-button.tsx';
import { percentOf } from '../percent.ts';
import { useAreas } from '../use-areas.ts';
import { MethodForm } from './method-form.tsx';
import { type Method, methodsQuery, useRefreshPayments } from './queries.ts';

/** Ways to pay, in the order in which customers see them. */
export function Methods() {
  const { t } = useTranslation('admin');
  const found = useQuery(methodsQuery);
  // Null: a new one.
  const [editing, setEditing] = useState<Method | null>();
  const mayChange = useAreas().has('settings');
  const methods = found.data?.methods;
  const columns = useColumns(methods ?? [], mayChange ? setEditing : undefined);
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text c="dimmed" size="sm" flex="1 1 260px">
          {t(mayChange ? 'payments.methodsText' : 'payments.needsSettings')}
        </Text>
        <Tooltip label={t('payments.needsSettings')} disabled={mayChange}>
          <Button
            leftSection={<IconPlus size={16} aria-hidden />}
            aria-disabled={!mayChange}
            data-disabled={!mayChange || undefined}
            onClick={() => mayChange && setEditing(null)}
          >
            {t('payments.newMethod')}
          </Button>
        </Tooltip>
      </Group>
      <DataList<Method>
        label={t('payments.tabs.methods')}
        rows={methods}
        keyOf={({ id }) => String(id)}
        error={found.error}
        onRetry={() => void found.refetch()}
        empty={
          <EmptyState
            icon={IconCreditCardPay}
            title={t('payments.noMethods')}
            text={t('payments.noMethodsText')}
          />
        }
        columns={columns}
        {...(mayChange && { onOpen: setEditing })}
      />
      {editing !== undefined && (
        <MethodForm method={editing} onClose={() => setEditing(undefined)} />
      )}
    </Stack>
  );
}

type OnOpen = (method: Method) => void;

/** Only who may change ways to pay opens and orders them. */
function useColumns(methods: readonly Method[], onOpen?: OnOpen): Column<Method>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const columns: Column<Method>[] = [
    {
      key: 'name',
      label: t('payments.method'),
      render: (method) => (
        <Stack gap={0} align="flex-start">
          {onOpen === undefined ? (
            <Text size="sm" fw={600} className="long">
              {method.name}
            </Text>
          ) : (
            <RowButton onOpen={() => onOpen(method)}>{method.name}</RowButton>
          )}
          <Text size="xs" c="dimmed">
            {t(`payments.kinds.${method.kind}`)}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'state',
      label: t('payments.offered'),
      render: (method) => <Offered method={method} />,
    },
    {
      key: 'limits',
      label: t('payments.limits'),
      isFigure: true,
      render: ({ min, max }) => `${format.money(min)} – ${format.money(max)}`,
    },
    {
      key: 'fee',
      label: t('payments.fee'),
      isFigure: true,
      render: ({ feeBasisPoints, feeFixed }) => {
        const parts = [
          feeBasisPoints > 0 && `${percentOf(feeBasisPoints)}%`,
          feeFixed !== '0.00' && format.money(feeFixed),
        ];
        return parts.filter(Boolean).join(' + ') || '–';
      },
    },
    {
      key: 'bonus',
      label: t('payments.bonus'),
      isFigure: true,
      render: ({ bonusTiers }) =>
        bonusTiers.length === 0
          ? '–'
          : bonusTiers.map(({ from, basisPoints }) => (
              <div key={from}>{`${percentOf(basisPoints)}% ≥ ${format.number(from)}`}</div>
            )),
    },
  ];
  if (onOpen === undefined) return columns;
  const order: Column<Method> = {
    key: 'order',
    label: t('payments.order'),
    isActions: true,
    width: 100,
    render: (method) => <Order method={method} methods={methods} />,
  };
  return [...columns, order];
}

function Offered({ method: { isOffered, enabled, missing } }: { method: Method }) {
  const { t } = useTranslation('admin');
  const state = isOffered ? 'yes' : enabled ? 'incomplete' : 'off';
  const colour = { yes: 'teal', incomplete: 'yellow', off: 'gray' }[state];
  return (
    <div>
      <Badge color={colour} tt="none" miw="max-content" className="status">
        {t(`payments.offer.${state}`)}
      </Badge>
      {missing.length > 0 && (
        <Text size="xs" c="dimmed" mt={2}>
          {t('payments.lacks', {
            what: missing.map((name) => t(`payments.secrets.${name}` as never)).join(', '),
          })}
        </Text>
      )}
    </div>
  );
}

function Order({ method, methods }: { method: Method; methods: readonly Method[] }) {
  const { t } = useTranslation('admin');
  const moving = useMutation({
    mutationFn: (beforeId: number | null) =>
      call(
        adminApi['payment-methods'][':methodId'].move.$post({
          param: { methodId: String(method.id) },
          json: { beforeId },
        }),
      ),
    onError: useShowProblem(),
    onSettled: useRefreshPayments(),
  });
  const place = methods.findIndex(({ id }) => id === method.id);
  const before = methods[place - 1];
  const isLast = place === methods.length - 1;
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap" onClick={(event) => event.stopPropagation()}>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={`${t('payments.up')}: ${method.name}`}
        disabled={before === undefined || moving.isPending}
        onClick={() => before && moving.mutate(before.id)}
      >
        <IconArrowUp size={18} stroke={1.7} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={`${t('payments.down')}: ${method.name}`}
        disabled={isLast || moving.isPending}
        onClick={() => moving.mutate(methods[place + 2]?.id ?? null)}
      >
        <IconArrowDown size={18} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
