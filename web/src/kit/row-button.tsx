import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';

type Props = {
  onOpen: () => void;
  /** What screen readers say where the text alone could be several rows. */
  label?: string;
  children: ReactNode;
};

/** What opens a row of a list for who has no mouse: a row itself is nothing that keys lead to. */
export function RowButton({ onOpen, label, children }: Props) {
  return (
    <Anchor
      component="button"
      type="button"
      size="sm"
      fw={600}
      ta="left"
      className="long"
      {...(label !== undefined && { 'aria-label': label })}
      onClick={(event) => {
        // The row would open it once more.
        event.stopPropagation();
        onOpen();
      }}
    >
      {children}
    </Anchor>
  );
}
