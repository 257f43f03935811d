import { Button, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyField } from './copy-field.tsx';

type Props = {
  title: string;
  text: string;
  label: string;
  /** Undefined: closed. */
  value: string | undefined;
  onClose: () => void;
};

/** A key or link, this once; closed only by saying that it is copied. */
export function ShownOnce({ title, text, label, value, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={value !== undefined}
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack gap="md">
        <Text size="sm">{text}</Text>
        <CopyField label={label} value={value ?? ''} />
        <Button onClick={onClose}>{t('api.copied')}</Button>
      </Stack>
    </Modal>
  );
}
