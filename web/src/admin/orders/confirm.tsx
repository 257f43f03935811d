import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { askFirst } from '../../kit/questions.ts';

type Question = {
  title: string;
  /** What it will do, in money. */
  lines: readonly string[];
  confirm: string;
  isDangerous?: boolean;
  onConfirm: () => void;
};

/** Asks before a command, and says what it will do. */
export function useConfirm(): (question: Question) => void {
  const { t } = useTranslation('admin');
  return ({ title, lines, confirm, isDangerous = false, onConfirm }) => {
    askFirst({
      title,
      children: (
        <Stack gap="xs">
          {lines.map((line) => (
            <Text size="sm" key={line} className="long">
              {line}
            </Text>
          ))}
        </Stack>
      ),
      labels: { confirm, cancel: t('orders.leave') },
      ...(isDangerous && { confirmProps: { color: 'red.9' } }),
      onConfirm,
    });
  };
}
