import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { useConfirm } from './confirm.tsx';
import { restOf } from './money.ts';
import { NotNow } from './not-now.tsx';
import type { Decision, OrderDetail } from './queries.ts';
import { useCommand } from './use-command.ts';

/** An order that waits for a decision, with what that moves. */
export type Undecided = {
  orderId: number;
  customerId: number;
  customer: string;
  charge: string;
  refunded: string;
  provider: string;
  /** What it costs there, in the panel's currency; null: not known. */
  cost: string | null;
  reason: string;
  /** By which it may be sent; none where only the first is offered. */
  routes?: OrderDetail['routes'];
};

/** The four ways to decide an order whose delivery waits: each says what it does in money. */
export function DecideButtons({ order }: { order: Undecided }) {
  const { t } = useTranslation('admin');
  const confirm = useConfirm();
  const [open, setOpen] = useState<'bind' | 'send'>();
  const texts = useDecideTexts(order);
  const deciding = useDecision(order.orderId);
  const { orderId: id } = order;
  const isUnknown = order.reason === 'unknown';
  return (
    <Group gap="xs">
      <Button size="xs" variant="default" onClick={() => setOpen('bind')}>
        {t('orders.bind')}
      </Button>
      <Button size="xs" variant="default" onClick={() => setOpen('send')}>
        {t('orders.sendAgain')}
      </Button>
      <Button
        size="xs"
        variant="light"
        color="red"
        loading={deciding.isPending}
        onClick={() =>
          confirm({
            title: t('orders.refundTitle', { id }),
            lines: texts.refund,
            confirm: t('orders.refundIt'),
            isDangerous: true,
            onConfirm: () => deciding.mutate({ decision: 'refund' }),
          })
        }
      >
        {t('orders.refundIt')}
      </Button>
      <Button
        size="xs"
        variant="subtle"
        disabled={!isUnknown}
        onClick={() =>
          confirm({
            title: t('orders.waitTitle', { id }),
            lines: [t('orders.waitText', { provider: order.provider })],
            confirm: t('orders.wait'),
            onConfirm: () => deciding.mutate({ decision: 'wait' }),
          })
        }
      >
        {t('orders.wait')}
      </Button>
      {!isUnknown && <NotNow what={t('orders.wait')} why={t('orders.waitNot')} />}
      {open === 'bind' && <BindDialog order={order} onClose={() => setOpen(undefined)} />}
      {open === 'send' && <SendAgainDialog order={order} onClose={() => setOpen(undefined)} />}
    </Group>
  );
}

function useDecision(id: number, options: { onDone?: () => void; isFormOwn?: boolean } = {}) {
  const { t } = useTranslation('admin');
  const param = { orderId: String(id) };
  return useCommand(
    (json: Decision) => call(adminApi.orders[':orderId'].decide.$post({ param, json })),
    {
      ...options,
      onDone: () => {
        showDone(`${t('orders.order', { id })}: ${t('orders.done')}`);
        options.onDone?.();
      },
    },
  );
}

/** What each decision does, in words and money. */
function useDecideTexts(order: Undecided) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { provider, customer: name, customerId } = order;
  const cost = order.cost === null ? t('orders.noCost') : format.money(order.cost);
  const customer = t('orders.placedBy', { name, id: customerId });
  const amount = format.money(restOf(order));
  const isUnknown = order.reason === 'unknown';
  return {
    refund: [
      t('orders.refundText', { amount, customer }),
      ...(isUnknown ? [t('orders.refundUnknown', { provider, cost })] : []),
    ],
    send: isUnknown
      ? t('orders.sendAgainUnknown', { provider, cost })
      : t('orders.sendAgainHeld', { cost }),
  };
}

type DialogProps = { order: Undecided; onClose: () => void };

function BindDialog({ order, onClose }: DialogProps) {
  const { t } = useTranslation('admin');
  const [externalId, setExternalId] = useState('');
  const deciding = useDecision(order.orderId, { onDone: onClose, isFormOwn: true });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('orders.bindTitle', { id: order.orderId, provider: order.provider })}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          deciding.mutate({ decision: 'bind', externalId: externalId.trim() });
        }}
      >
        <Stack gap="md">
          <TextInput
            label={t('orders.bindLabel')}
            description={t('orders.bindText')}
            inputMode="numeric"
            required
            data-autofocus
            value={externalId}
            onChange={(event) => setExternalId(event.currentTarget.value)}
          />
          <ProblemAlert error={deciding.error} />
          <Button type="submit" loading={deciding.isPending} disabled={externalId.trim() === ''}>
            {t('orders.bind')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function SendAgainDialog({ order, onClose }: DialogProps) {
  const { t } = useTranslation('admin');
  const [position, setPosition] = useState<number>();
  const texts = useDecideTexts(order);
  const deciding = useDecision(order.orderId, { onDone: onClose, isFormOwn: true });
  const { routes = [] } = order;
  return (
    <Modal opened onClose={onClose} title={t('orders.sendAgainTitle', { id: order.orderId })}>
      <Stack gap="md">
        <Text size="sm">{texts.send}</Text>
        {routes.length > 1 && (
          <RouteField routes={routes} value={position} onChange={setPosition} hasFirst />
        )}
        <ProblemAlert error={deciding.error} />
        <Button
          color="red.9"
          loading={deciding.isPending}
          onClick={() => deciding.mutate({ decision: 'send_again', ...(position && { position }) })}
        >
          {t('orders.sendAgain')}
        </Button>
      </Stack>
    </Modal>
  );
}

type RouteProps = {
  routes: OrderDetail['routes'];
  value: number | undefined;
  onChange: (position: number | undefined) => void;
  /** The first route may be meant without being named. */
  hasFirst?: boolean;
};

/** Which of the service's routes an order goes by. */
export function RouteField({ routes, value, onChange, hasFirst = false }: RouteProps) {
  const { t } = useTranslation('admin');
  const data = routes.map(({ position, provider, externalServiceId: service, isOn }) => {
    const route = t('orders.route', { position, provider, service });
    return { value: String(position), label: isOn ? route : t('orders.routeOff', { route }) };
  });
  return (
    <Select
      label={t('orders.byRoute')}
      placeholder={hasFirst ? t('orders.firstRoute') : ''}
      data={data}
      value={value === undefined ? null : String(value)}
      onChange={(chosen) => onChange(chosen === null ? undefined : Number(chosen))}
      clearable={hasFirst}
      clearButtonProps={{ 'aria-label': t('orders.firstRoute') }}
      allowDeselect={hasFirst}
    />
  );
}
