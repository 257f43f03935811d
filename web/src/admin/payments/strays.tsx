import { Button, Stack, Text } from '@mantine/core';
import { IconMailQuestion } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { usePages } from '../../kit/pages.ts';
import { showDone, useShowProblem } from '../../kit/problems.ts';
import { askFirst } from '../../kit/questions.ts';
import { type Stray, straysKey, useRefreshPayments } from './queries.ts';

const straysApi = adminApi['payment-strays'];

/** What gateways reported of payments nobody knows. */
export function Strays() {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const pages = usePages<Stray>(straysKey, (cursor) =>
    call(straysApi.$get({ query: { ...(cursor && { cursor }) } })),
  );
  return (
    <Stack gap="md">
      <Text c="dimmed" size="sm">
        {t('payments.straysText')}
      </Text>
      <DataList<Stray>
        label={t('payments.tabs.strays')}
        keyOf={({ id }) => id}
        empty={
          <EmptyState
            icon={IconMailQuestion}
            title={t('payments.noStrays')}
            text={t('payments.noStraysText')}
          />
        }
        columns={[
          {
            key: 'event',
            label: t('payments.event'),
            render: ({ eventId, chargeId, createdAt }) => (
              <Stack gap={0}>
                <Text size="sm" fw={600} className="long">
                  {eventId}
                </Text>
                <Text size="xs" c="dimmed" className="long">
                  {format.moment(createdAt)}
                  {chargeId !== null && ` · ${chargeId}`}
                </Text>
              </Stack>
            ),
          },
          { key: 'method', label: t('payments.method'), render: ({ methodName }) => methodName },
          {
            key: 'kind',
            label: t('payments.says'),
            render: ({ kind }) => t(`payments.reports.${kind}` as never),
          },
          {
            key: 'amount',
            label: t('payments.amount'),
            isFigure: true,
            render: ({ amount, currency }) =>
              amount === null ? '–' : `${format.number(amount)} ${currency ?? ''}`,
          },
          {
            key: 'actions',
            label: t('payments.dismiss'),
            isActions: true,
            render: (stray) => <Dismiss stray={stray} />,
          },
        ]}
        {...pages}
      />
    </Stack>
  );
}

function Dismiss({ stray }: { stray: Stray }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const dismissing = useMutation({
    mutationFn: () => call(straysApi[':strayId'].dismiss.$post({ param: { strayId: stray.id } })),
    onSuccess: () => showDone(t('payments.dismissed')),
    onError: useShowProblem(),
    onSettled: useRefreshPayments(),
  });
  return (
    <Button
      variant="default"
      size="compact-sm"
      loading={dismissing.isPending}
      aria-label={`${t('payments.dismiss')}: ${stray.eventId}`}
      onClick={() =>
        askFirst({
          title: t('payments.dismiss'),
          children: <Text size="sm">{t('payments.dismissText')}</Text>,
          labels: { confirm: t('payments.dismiss'), cancel: words('states.cancel') },
          onConfirm: () => dismissing.mutate(),
        })
      }
    >
      {t('payments.dismiss')}
    </Button>
  );
}
