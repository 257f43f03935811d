import { Alert, Anchor, Button, Group, List, Paper, Text } from '@mantine/core';
import { IconRefresh, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { askFirst } from '../../kit/questions.ts';
import { type BulkResult, useBulk } from './use-bulk.ts';
import { useReason } from './use-reason.ts';

type Props = {
  ids: readonly number[];
  onDone: (result: BulkResult) => void;
  onClear: () => void;
};

/** What may be asked for of all chosen orders at once. */
export function BulkBar({ ids, onDone, onClear }: Props) {
  const { t } = useTranslation();
  const bulk = useBulk(onDone);
  const count = ids.length;
  const isRunning = (kind: string) => bulk.isPending && bulk.variables.kind === kind;
  const cancel = () =>
    askFirst({
      title: t('orders.cancelMany', { count }),
      children: <Text size="sm">{t('orders.cancelManyText')}</Text>,
      labels: { confirm: t('orders.cancel'), cancel: t('orders.keepMany') },
      confirmProps: { color: 'red.9' },
      onConfirm: () => bulk.mutate({ kind: 'cancel', ids }),
    });
  return (
    <Paper className="surface" p="sm" pos="sticky" top={68} style={{ zIndex: 2 }}>
      <Group justify="space-between" gap="sm">
        <Text size="sm" fw={600} role="status">
          {t('orders.chosen', { count })}
        </Text>
        <Group gap="xs">
          <Button
            size="sm"
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={isRunning('refill')}
            disabled={isRunning('cancel')}
            onClick={() => bulk.mutate({ kind: 'refill', ids })}
          >
            {t('orders.refill')}
          </Button>
          <Button
            size="sm"
            variant="default"
            leftSection={<IconX size={16} aria-hidden />}
            loading={isRunning('cancel')}
            disabled={isRunning('refill')}
            onClick={cancel}
          >
            {t('orders.cancel')}
          </Button>
          <Button size="sm" variant="subtle" color="gray" onClick={onClear}>
            {t('orders.chooseNone')}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}

/** What became of orders that something was asked for of together. */
export function BulkSummary({ result, onClose }: { result: BulkResult; onClose: () => void }) {
  const { t } = useTranslation();
  const reasonOf = useReason();
  const { kind, done, refused } = result;
  const names = {
    refill: { done: 'orders.refillsAsked', refused: 'orders.refillsRefused' },
    cancel: { done: 'orders.cancelsAsked', refused: 'orders.cancelsRefused' },
  } as const;
  return (
    <Alert
      color={refused.length === 0 ? 'teal' : 'yellow'}
      title={t(names[kind].done, { count: done.length })}
      withCloseButton
      onClose={onClose}
      role="status"
    >
      {refused.length > 0 && (
        <>
          <Text size="sm">{t(names[kind].refused, { count: refused.length })}</Text>
          <List size="sm" mt={4}>
            {refused.map(({ id, why }) => (
              <List.Item key={id}>
                <Anchor component={Link} to={`/orders/${id}`} size="sm" className="figures">
                  {id}
                </Anchor>{' '}
                {reasonOf(why)}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Alert>
  );
}
