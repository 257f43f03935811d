import { Alert, Anchor, Group, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import type { Placed } from './use-order-form.ts';

type Props = { placed: Placed; isSubscription: boolean; onClose: () => void };

/** Confirms the order that was just placed, and leads to it. */
export function PlacedNotice({ placed: { id, charge }, isSubscription, onClose }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Alert
      color="teal"
      icon={<IconCircleCheck aria-hidden />}
      title={t('newOrder.placed', { id })}
      withCloseButton
      onClose={onClose}
      role="status"
    >
      <Group gap="sm">
        <Text size="sm">
          {isSubscription
            ? t('newOrder.placedSubscription')
            : t('newOrder.placedText', { charge: format.money(charge) })}
        </Text>
        <Anchor component={Link} to={`/orders/${id}`} size="sm" fw={600}>
          {t('newOrder.seeOrder')}
        </Anchor>
      </Group>
    </Alert>
  );
}
