import { Button, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyField } from '../../kit/copy-field.tsx';

/** A new key, this once; closed only by saying that it is copied. */
export function ShownKey({ value, onClose }: { value: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={value !== undefined}
      onClose={onClose}
      title={t('api.shownOnce')}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack gap="md">
        <Text size="sm">{t('api.shownOnceText')}</Text>
        <CopyField label={t('api.key')} value={value ?? ''} />
        <Button onClick={onClose}>{t('api.copied')}</Button>
      </Stack>
    </Modal>
  );
}
