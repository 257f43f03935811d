import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';
import { usePanel } from '../session.ts';

/** That what is given counts to the day's limit of who gives it; nothing for who has none. */
export function LimitNote() {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const limit = usePanel().signedIn?.staff?.dailyLimit ?? null;
  if (limit === null) return null;
  return (
    <Text size="sm" c="dimmed">
      {t('money.countsToLimit', { limit: format.money(limit) })}
    </Text>
  );
}
