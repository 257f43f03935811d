import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { ReactNode } from 'react';

type Props = {
  label: string;
  isOff: boolean;
  isLoading?: boolean;
  /** How wide its menu may get, in pixels. */
  widthMax?: number;
  children: ReactNode;
};

/** A button of the bulk bar that opens a menu. */
export function MenuButton({ label, isOff, isLoading = false, widthMax, children }: Props) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          disabled={isOff}
          loading={isLoading}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown maw={widthMax}>{children}</Menu.Dropdown>
    </Menu>
  );
}
