import { ActionIcon, Tooltip } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';

type Props = {
  /** What it does and to which record: lists have many of them. */
  label: string;
  /** Why it can't be used now; null: it can. */
  reason: string | null;
  icon: Icon;
  isLoading: boolean;
  onPress: () => void;
};

/** A small button of a list's row, which says what it does, or why it can't be used. */
export function ReasonedAction({ label, reason, icon: Glyph, isLoading, onPress }: Props) {
  const text = reason === null ? label : `${label}: ${reason}`;
  return (
    <Tooltip label={text} maw={280} events={{ hover: true, focus: true, touch: true }}>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={text}
        // Still reached by key and finger, so that it can say why.
        aria-disabled={reason !== null}
        data-disabled={reason !== null || undefined}
        loading={isLoading}
        onClick={(event) => {
          event.stopPropagation();
          if (reason === null) onPress();
        }}
      >
        <Glyph size={18} stroke={1.7} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
