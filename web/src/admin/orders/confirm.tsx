import { Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useTranslation } from 'react-i18next';

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
  const { t: words } = useTranslation();
  return ({ title, lines, confirm, isDangerous = false, onConfirm }) => {
    modals.openConfirmModal({
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
      closeButtonProps: { 'aria-label': words('states.close') },
      ...(isDangerous && { confirmProps: { color: 'red.9' } }),
      onConfirm,
    });
  };
}
