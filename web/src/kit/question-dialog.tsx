import { Box, Button, Group, Modal } from '@mantine/core';
import type { Question } from './questions.ts';

type Props = { question: Question; isOpen: boolean; onClose: () => void };

/** A question with its two answers. */
export default function QuestionDialog({ question, isOpen, onClose }: Props) {
  const { title, children, labels, confirmProps, onConfirm } = question;
  return (
    <Modal opened={isOpen} onClose={onClose} title={title}>
      <Box mb="md">{children}</Box>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {labels.cancel}
        </Button>
        <Button
          {...confirmProps}
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {labels.confirm}
        </Button>
      </Group>
    </Modal>
  );
}
