import { Progress, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';

const colours: Readonly<Record<string, string>> = {
  Completed: 'teal',
  Partial: 'yellow',
  Canceled: 'gray',
  Expired: 'gray',
  Paused: 'yellow',
};

/** How much of a whole is done; `total` null: there is no whole. */
type Props = { status: string; done: number; total: number | null };

/** How far an order is, as a bar and in figures. */
export function OrderProgress({ status, done, total }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  if (total === null) return <Text size="sm">{format.number(done)}</Text>;
  const share = total === 0 ? 0 : Math.min(1, done / total);
  const figures = `${format.number(done)} / ${format.number(total)}`;
  return (
    <Stack gap={4} miw={110}>
      <Text size="xs" className="figures">
        {figures}
      </Text>
      <Progress.Root size="sm">
        <Progress.Section
          value={share * 100}
          color={colours[status] ?? 'accent'}
          aria-label={t('orders.progress')}
        />
      </Progress.Root>
    </Stack>
  );
}
