import { Alert, Anchor, Button, Group, List, Menu, Paper, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { useRefusal } from '../../kit/problems.ts';
import { BulkMore } from './bulk-more.tsx';
import { useConfirm } from './confirm.tsx';
import { MenuButton } from './menu-button.tsx';
import { restOf, sumOf } from './money.ts';
import type { BulkAct, BulkResults, StaffOrder } from './queries.ts';
import { useCommand } from './use-command.ts';

const bulkMax = 100;
const settledAs = ['Completed', 'Canceled', 'In progress', 'Processing', 'Pending'] as const;

type Props = {
  orders: readonly StaffOrder[];
  onDone: (results: BulkResults) => void;
  onClear: () => void;
};

/** What can be done with all that is chosen. */
export function BulkBar({ orders, onDone, onClear }: Props) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const ask = useBulk(orders, onDone);
  const isTooMany = orders.length > bulkMax;
  const reason = isTooMany
    ? t('orders.chosenMax')
    : orders.some(isWaiting)
      ? null
      : t('orders.bulkNone');
  return (
    <Paper className="surface" p="sm" pos="sticky" top={68} style={{ zIndex: 2 }}>
      <Group gap="sm">
        <Text size="sm" fw={600} role="status">
          {t('orders.chosen', { count: orders.length })}
          {isTooMany && ` · ${t('orders.chosenMax')}`}
        </Text>
        <MenuButton label={t('orders.bulkSettle')} isOff={isTooMany} isLoading={ask.isPending}>
          {settledAs.map((status) => (
            <Menu.Item key={status} onClick={() => ask.start({ kind: 'settle', status })}>
              {words(`status.${status}`)}
            </Menu.Item>
          ))}
        </MenuButton>
        <WaitingButton
          label={t('orders.sendAgain')}
          reason={reason}
          isLoading={ask.isPending}
          onPress={() => ask.start({ kind: 'send_again' })}
        />
        <WaitingButton
          label={t('orders.refundIt')}
          reason={reason}
          isLoading={ask.isPending}
          isDangerous
          onPress={() => ask.start({ kind: 'refund' })}
        />
        <BulkMore orders={orders} isOff={isTooMany || ask.isPending} onChoose={ask.start} />
        <Button size="xs" variant="subtle" color="gray" onClick={onClear}>
          {t('orders.clearChoice')}
        </Button>
      </Group>
    </Paper>
  );
}

/** What an act is called. */
const actNames = {
  send_again: 'sendAgain',
  refund: 'refundIt',
  acknowledge: 'acknowledge',
  request_refill: 'askRefill',
  request_cancel: 'askCancel',
} as const;

/** What moves no money and pays for nothing twice. */
function isHarmless({ kind }: BulkAct): boolean {
  return kind === 'acknowledge' || kind === 'request_refill';
}

function isWaiting({ delivery }: StaffOrder): boolean {
  return delivery?.state === 'held' || delivery?.state === 'unknown';
}

type WaitingProps = {
  label: string;
  /** Why it can't be used for what is chosen; null: it can. */
  reason: string | null;
  isLoading: boolean;
  isDangerous?: boolean;
  onPress: () => void;
};

/** For orders that wait for a decision; it says so where none of those chosen does. */
function WaitingButton(props: WaitingProps) {
  const { label, reason, isLoading, isDangerous = false, onPress } = props;
  return (
    <Tooltip label={reason} disabled={reason === null} maw={280}>
      <Button
        size="xs"
        variant={isDangerous ? 'light' : 'default'}
        {...(isDangerous && { color: 'red' })}
        aria-disabled={reason !== null}
        data-disabled={reason !== null || undefined}
        aria-label={reason === null ? label : `${label}: ${reason}`}
        loading={isLoading}
        onClick={() => reason === null && onPress()}
      >
        {label}
      </Button>
    </Tooltip>
  );
}

function useBulk(orders: readonly StaffOrder[], onDone: Props['onDone']) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const confirm = useConfirm();
  const linesOf = useBulkLines(orders);
  const acting = useCommand(
    (act: BulkAct) =>
      call(adminApi.orders.bulk.$post({ json: { orders: orders.map(({ id }) => id), act } })),
    { onDone: ({ results }) => onDone(results) },
  );
  const nameOf = (act: BulkAct) => {
    if (act.kind === 'settle') return `${t('orders.settle')} · ${words(`status.${act.status}`)}`;
    return t(`orders.${actNames[act.kind]}`);
  };
  return {
    isPending: acting.isPending,
    start: (act: BulkAct) =>
      confirm({
        title: t('orders.bulkTitle', { act: nameOf(act), count: orders.length }),
        lines: [...linesOf(act), t('orders.bulkEach')],
        confirm: nameOf(act),
        isDangerous: !isHarmless(act),
        onConfirm: () => acting.mutate(act),
      }),
  };
}

/** What a bulk action does to all that is chosen, in money. */
function useBulkLines(orders: readonly StaffOrder[]) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const customersOf = (some: readonly StaffOrder[]) =>
    t('orders.bulkCustomers', { count: new Set(some.map(({ customerId }) => customerId)).size });
  return (act: BulkAct): string[] => {
    if (act.kind === 'send_again') return [t('orders.bulkSendAgain')];
    if (act.kind === 'request_refill') return [t('orders.askRefillText')];
    if (act.kind === 'acknowledge') return [t('orders.bulkSeenTo')];
    if (act.kind === 'request_cancel') {
      const amount = format.money(sumOf(orders.map(restOf)));
      return [t('orders.bulkCancel', { amount, customers: customersOf(orders) })];
    }
    const isRefund = act.kind === 'refund';
    if (isRefund || act.status === 'Canceled') {
      const some = isRefund ? orders.filter(isWaiting) : orders;
      const amount = format.money(sumOf(some.map(restOf)));
      const sums = t('orders.bulkSums', { amount, customers: customersOf(some) });
      return isRefund ? [sums, t('orders.bulkRefund')] : [sums];
    }
    const taken = orders.filter(({ refunded }) => Number(refunded) > 0);
    if (taken.length === 0) return [t('orders.nothingMoves')];
    const amount = format.money(sumOf(taken.map(({ refunded }) => refunded)));
    return [t('orders.bulkTakes', { amount, customers: customersOf(taken) })];
  };
}

type SummaryProps = { results: BulkResults; onClose: () => void };

/** What came of a bulk action, order by order where it was refused. */
export function BulkSummary({ results, onClose }: SummaryProps) {
  const { t } = useTranslation('admin');
  const refusalText = useRefusal();
  const refused = results.filter(({ refusal }) => refusal !== null);
  return (
    <Alert
      color={refused.length === 0 ? 'teal' : 'yellow'}
      role="status"
      withCloseButton
      onClose={onClose}
      title={t('orders.bulkDone', { count: results.length - refused.length })}
    >
      {refused.length > 0 && (
        <>
          <Text size="sm">{t('orders.bulkRefused', { count: refused.length })}</Text>
          <List size="sm" mt={4}>
            {refused.map(({ order, refusal }) => (
              <List.Item key={order}>
                <Anchor
                  size="sm"
                  renderRoot={(props) => (
                    <Link to={`/admin/orders/${order}` as string} {...props} />
                  )}
                >
                  {order}
                </Anchor>
                :{' '}
                {refusal?.code === 'not_found'
                  ? t('orders.bulkNotWaiting')
                  : refusal && refusalText(refusal)}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Alert>
  );
}
