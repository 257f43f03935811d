import { Modal, Stack, Text, Textarea } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

type Props = {
  title: string;
  text: string;
  /** What becomes of the reason. */
  hint?: string;
  reason: string;
  onReason: (reason: string) => void;
  onSubmit: () => void;
  onClose: () => void;
  /** What went wrong, and the button. */
  children: ReactNode;
};

/** Asks for the reason of something that is done to a customer. */
export function ReasonDialog({ title, text, hint, reason, onReason, ...props }: Props) {
  const { t } = useTranslation('admin');
  return (
    <Modal opened onClose={props.onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          props.onSubmit();
        }}
      >
        <Stack gap="md">
          <Text size="sm">{text}</Text>
          <Textarea
            label={t('customers.reason')}
            description={hint}
            required
            maxLength={500}
            autosize
            minRows={2}
            data-autofocus
            value={reason}
            onChange={(event) => onReason(event.currentTarget.value)}
          />
          {props.children}
        </Stack>
      </form>
    </Modal>
  );
}
