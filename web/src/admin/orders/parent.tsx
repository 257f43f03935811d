import { Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { DataList } from '../../kit/data-list.tsx';
import { usePages } from '../../kit/pages.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { useOrderColumns } from './columns.tsx';
import { useConfirm } from './confirm.tsx';
import { type OrderDetail, ordersKey, refetchInterval, type StaffOrder } from './queries.ts';
import { useCommand } from './use-command.ts';

type Props = { detail: OrderDetail };

/** What is done with a drip-feed or a subscription as a whole. */
export function ParentButtons({ detail: { order, customer } }: Props) {
  const { t } = useTranslation('admin');
  const confirm = useConfirm();
  const { id, status, kind } = order;
  const param = { orderId: String(id) };
  const [isAnnouncing, setAnnouncing] = useState(false);
  const isPaused = status === 'Paused';
  const pausing = useCommand((to: boolean) =>
    call(adminApi.orders[':orderId'].paused.$put({ param, json: { isPaused: to } })),
  );
  const stopping = useCommand(() => call(adminApi.orders[':orderId'].stop.$post({ param })), {
    onDone: ({ outcome }) =>
      showDone(outcome === 'stopped' ? t('orders.stopped', { id }) : t('orders.stopAsked')),
  });
  if (order.completedAt !== null) return null;
  const name = t('orders.placedBy', customer);
  return (
    <>
      {(order.canPause || isPaused) && (
        <Button
          variant="default"
          loading={pausing.isPending}
          onClick={() => pausing.mutate(!isPaused)}
        >
          {t(isPaused ? 'orders.resume' : 'orders.pause')}
        </Button>
      )}
      {kind === 'subscription' && (
        <Button variant="default" onClick={() => setAnnouncing(true)}>
          {t('orders.announce')}
        </Button>
      )}
      <Button
        variant="light"
        color="red"
        loading={stopping.isPending}
        onClick={() =>
          confirm({
            title: t('orders.stopTitle', { id }),
            lines: [
              kind === 'drip_feed'
                ? t('orders.stopDrip', { customer: name })
                : t('orders.stopSubscription'),
            ],
            confirm: t('orders.stop'),
            isDangerous: true,
            onConfirm: () => stopping.mutate(undefined),
          })
        }
      >
        {t('orders.stop')}
      </Button>
      {isAnnouncing && (
        <AnnounceDialog id={id} customer={name} onClose={() => setAnnouncing(false)} />
      )}
    </>
  );
}

type AnnounceProps = { id: number; customer: string; onClose: () => void };

function AnnounceDialog({ id, customer, onClose }: AnnounceProps) {
  const { t } = useTranslation('admin');
  const [link, setLink] = useState('');
  const announcing = useCommand(
    () =>
      call(
        adminApi.orders[':orderId'].posts.$post({
          param: { orderId: String(id) },
          json: { link: link.trim() },
        }),
      ),
    {
      isFormOwn: true,
      onDone: ({ announced }) => {
        showDone(t(announced ? 'orders.announced' : 'orders.announcedBefore'));
        onClose();
      },
    },
  );
  return (
    <Modal opened onClose={onClose} title={`${t('orders.announce')}: ${id}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          announcing.mutate(undefined);
        }}
      >
        <Stack gap="md">
          <TextInput
            label={t('orders.announceLink')}
            required
            data-autofocus
            value={link}
            onChange={(event) => setLink(event.currentTarget.value)}
          />
          <Text size="sm">{t('orders.announceText', { customer })}</Text>
          <ProblemAlert error={announcing.error} />
          <Button type="submit" loading={announcing.isPending} disabled={link.trim() === ''}>
            {t('orders.announce')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

/** The runs of a drip-feed, the posts of a subscription. */
export function ChildrenSection({ detail: { order } }: Props) {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  // Runs are of one link; posts have each their own.
  const left = order.kind === 'drip_feed' ? ['customer', 'what'] : ['customer', 'delivery'];
  const columns = useOrderColumns().filter(({ key }) => !left.includes(key));
  const pages = usePages<StaffOrder>(
    [ordersKey, 'children', order.id],
    (cursor) =>
      call(
        adminApi.orders.$get({
          query: { parent: String(order.id), limit: '20', ...(cursor && { cursor }) },
        }),
      ),
    { refetchInterval },
  );
  return (
    <Section title={t('orders.children')}>
      <DataList<StaffOrder>
        label={t('orders.children')}
        columns={columns}
        keyOf={({ id }) => String(id)}
        onOpen={({ id }) => void navigate({ to: `/admin/orders/${id}` })}
        empty={
          <Text size="sm" c="dimmed" p="md">
            {t('orders.noChildren')}
          </Text>
        }
        {...pages}
      />
    </Section>
  );
}
