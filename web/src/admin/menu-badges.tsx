import { Badge } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../api/client.ts';
import { useFormat } from '../format.ts';

const refreshMs = 30_000;
const shownMax = 999;

/** How much waits behind each entry of the menu. */
export const menuQuery = queryOptions({
  queryKey: ['admin', 'menu'],
  queryFn: () => call(adminApi.menu.$get()),
  refetchInterval: refreshMs,
});

/** How much waits behind each entry of the menu, beside it; nothing where nothing does. */
export function useBadges(isAsked: boolean): (name: string) => ReactNode {
  const { data } = useQuery({ ...menuQuery, enabled: isAsked });
  const counts: Readonly<Record<string, number | null | undefined>> = {
    queues: data?.queues,
    payments: data?.payments,
    services: data?.prices,
  };
  return (name) => {
    if (name === 'system' && data?.isRed === true) return <RedMark />;
    const count = counts[name] ?? 0;
    return count > 0 ? <Count count={count} /> : undefined;
  };
}

function Count({ count }: { count: number }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (
    <Badge
      size="sm"
      color="orange"
      className="figures status"
      miw="max-content"
      aria-label={t('frame.waiting', { count })}
    >
      {count > shownMax ? `${format.number(shownMax)}+` : format.number(count)}
    </Badge>
  );
}

function RedMark() {
  const { t } = useTranslation('admin');
  return (
    <Badge
      size="sm"
      color="red"
      circle
      variant="filled"
      title={t('frame.isRed')}
      aria-label={t('frame.isRed')}
    >
      !
    </Badge>
  );
}
