import { Tabs, type TabsListProps } from '@mantine/core';
import { useEffect, useRef } from 'react';

type Props = TabsListProps & { /** The tab that is open. */ shown: string };

/** Tabs of which there may be more than a phone is wide: the one that is open can be seen. */
export function TabList({ shown, ...rest }: Props) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current
      ?.querySelector('[data-active]')
      ?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [shown]);
  return <Tabs.List ref={list} {...rest} />;
}
