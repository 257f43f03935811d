import { Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import { StatusBadge } from '../../kit/status-badge.tsx';
import type { OrderAnswer } from './queries.ts';

/** The refills of one order, newest first. */
export function OrderRefills({ refills }: { refills: OrderAnswer['refills'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Section title={t('refills.title')}>
      <Stack gap="xs">
        {refills.map(({ id, status, requestedAt }) => (
          <Group key={id} justify="space-between">
            <Stack gap={0}>
              <Text size="sm" className="figures">
                {t('refills.one', { id })}
              </Text>
              <Text size="xs" c="dimmed" className="figures">
                {format.moment(requestedAt)}
              </Text>
            </Stack>
            <StatusBadge status={status} />
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
