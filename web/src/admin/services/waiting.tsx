import { Anchor, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { InferResponseType } from 'hono/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { usePages } from '../../kit/pages.ts';
import { showDone, useShowProblem } from '../../kit/problems.ts';
import { ReasonedAction } from '../../kit/reasoned-action.tsx';
import { menuQuery } from '../menu-badges.tsx';
import { useConfirm } from '../orders/confirm.tsx';
import { ordersKey, refetchInterval } from '../orders/queries.ts';
import classes from './catalog.module.css';
import { marginOf } from './finder.ts';
import { servicesKey } from './queries.ts';
import { changeOf, ShareText } from './share-text.tsx';

const waitingApi = adminApi.services.changes.waiting;
type Waiting = InferResponseType<typeof waitingApi.$get, 200>['rows'][number];
type Decision = 'apply' | 'reject';

/** What something was and is to be; only what is known. */
function Jump({ before, after }: { before: string | null; after: string | null }) {
  const format = useFormat();
  if (after === null) return '–';
  return (
    <>
      {before !== null && `${format.amount(before)} → `}
      <Text span size="sm" fw={600}>
        {format.amount(after)}
      </Text>{' '}
      {before !== null && <ShareText share={changeOf(before, after)} />}
    </>
  );
}

/** What is left of a price at what the provider asks for now: of today's price, and of the new. */
function Margins({ row: { rate, newRate, cost } }: { row: Waiting }) {
  const format = useFormat();
  const [now, then] = [marginOf(rate, cost), marginOf(newRate, cost)];
  if (now === undefined && then === undefined) return '–';
  const textOf = (margin: number | undefined) =>
    margin === undefined ? '–' : format.percent(margin);
  return (
    <>
      <Text span size="sm" className={(now ?? 0) < 0 ? classes.loss : ''}>
        {textOf(now)}
      </Text>
      {' → '}
      <Text span size="sm" fw={600} className={(then ?? 0) < 0 ? classes.loss : ''}>
        {textOf(then)}
      </Text>
    </>
  );
}

/** Prices that jumped at their provider: approved or rejected, one by one or in sets. */
export function WaitingPrices() {
  const { t } = useTranslation('admin');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const pages = usePages<Waiting>(
    [...servicesKey, 'waiting'],
    (cursor) => call(waitingApi.$get({ query: cursor ? { cursor } : {} })),
    { refetchInterval },
  );
  const { decide, isPending } = useDecide(() => setChosen(new Set()));
  const columns = useColumns(decide, isPending);
  const ids = (pages.rows ?? []).map(({ id }) => id).filter((id) => chosen.has(String(id)));
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed" maw={720}>
        {t('services.waiting.text')}
      </Text>
      {ids.length > 0 && (
        <Paper className="surface" p="sm" pos="sticky" top={68} style={{ zIndex: 2 }}>
          <Group gap="xs">
            <Text size="sm" fw={600} role="status" mr="auto">
              {t('services.bulk.chosen', { count: ids.length })}
            </Text>
            <Button size="xs" loading={isPending} onClick={() => decide(ids, 'apply')}>
              {t('services.waiting.approve')}
            </Button>
            <Button
              size="xs"
              variant="default"
              loading={isPending}
              onClick={() => decide(ids, 'reject')}
            >
              {t('services.waiting.reject')}
            </Button>
          </Group>
        </Paper>
      )}
      <DataList<Waiting>
        label={t('services.tabs.waiting')}
        columns={columns}
        keyOf={({ id }) => String(id)}
        selection={{ chosen, onChange: setChosen }}
        empty={
          <EmptyState
            icon={IconCheck}
            title={t('services.waiting.empty')}
            text={t('services.waiting.emptyText')}
          />
        }
        {...pages}
      />
    </Stack>
  );
}

/** Asks, decides, and says how many it were. */
function useDecide(onDone: () => void) {
  const { t } = useTranslation('admin');
  const confirm = useConfirm();
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const deciding = useMutation({
    mutationFn: (json: { changeIds: number[]; decision: Decision }) =>
      call(adminApi.services.changes.decide.$post({ json })),
    onSuccess: ({ decided }, { changeIds, decision }) => {
      const done = decision === 'apply' ? 'approved' : 'rejected';
      const text = t(`services.waiting.${done}`, { count: decided });
      const isAll = decided === changeIds.length;
      showDone(isAll ? text : `${text} ${t('services.waiting.disappeared')}`);
      onDone();
    },
    onError: showProblem,
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: servicesKey }),
        queryClient.invalidateQueries({ queryKey: [ordersKey, 'queues'] }),
        queryClient.invalidateQueries({ queryKey: menuQuery.queryKey }),
      ]),
  });
  const decide = (changeIds: number[], decision: Decision) => {
    const [act, name] = decision === 'apply' ? ['Approve', 'approve'] : ['Reject', 'reject'];
    confirm({
      title: t(`services.waiting.confirm${act as 'Approve' | 'Reject'}`, {
        count: changeIds.length,
      }),
      lines: [t(`services.waiting.confirm${act as 'Approve' | 'Reject'}Text`)],
      confirm: t(`services.waiting.${name as 'approve' | 'reject'}`),
      onConfirm: () => deciding.mutate({ changeIds, decision }),
    });
  };
  return { decide, isPending: deciding.isPending };
}

function useColumns(
  decide: (ids: number[], decision: Decision) => void,
  isPending: boolean,
): Column<Waiting>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return [
    {
      key: 'service',
      label: t('services.waiting.service'),
      width: '28%',
      render: ({ serviceId, name, category }) => (
        <Stack gap={0} miw={0}>
          <Anchor
            size="sm"
            fw={600}
            className="long"
            renderRoot={(props) => (
              <Link to={`/admin/services/${serviceId}` as string} {...props} />
            )}
          >
            {name}
          </Anchor>
          <Text size="xs" c="dimmed" className="long">
            {serviceId} · {category}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'cost',
      label: t('services.waiting.cost'),
      isFigure: true,
      render: ({ cost, costBefore, provider }) => (
        <>
          <Jump before={costBefore} after={cost} />
          <Text size="xs" c="dimmed" className="long">
            {provider}
          </Text>
        </>
      ),
    },
    {
      key: 'price',
      label: t('services.waiting.price'),
      isFigure: true,
      render: ({ rate, newRate }) => <Jump before={rate} after={newRate} />,
    },
    {
      key: 'margin',
      label: t('services.margin'),
      isFigure: true,
      render: (row) => <Margins row={row} />,
    },
    {
      key: 'since',
      label: t('services.waiting.since'),
      width: 130,
      render: ({ at }) => (
        <Text span size="sm" style={{ whiteSpace: 'nowrap' }}>
          {format.ago(at)}
        </Text>
      ),
    },
    {
      key: 'actions',
      label: t('services.waiting.decide'),
      isActions: true,
      width: 110,
      render: ({ id, name }) => (
        <Group gap="xs" wrap="nowrap" justify="flex-end">
          <ReasonedAction
            label={`${t('services.waiting.approve')}: ${name}`}
            reason={null}
            icon={IconCheck}
            isLoading={isPending}
            onPress={() => decide([id], 'apply')}
          />
          <ReasonedAction
            label={`${t('services.waiting.reject')}: ${name}`}
            reason={null}
            icon={IconX}
            isLoading={isPending}
            onPress={() => decide([id], 'reject')}
          />
        </Group>
      ),
    },
  ];
}
