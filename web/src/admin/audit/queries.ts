import { queryOptions } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';

export type AuditRow = InferResponseType<typeof adminApi.audit.$get, 200>['rows'][number];

/** What is searched for, as it stands in the address; days are `2026-03-01`, in local time. */
export type AuditSearch = Partial<Record<(typeof names)[number], string>>;
const names = ['actor', 'action', 'subject', 'from', 'to'] as const;

const dayForm = /^\d{4}-\d{2}-\d{2}$/;

export const wordsQuery = queryOptions({
  queryKey: ['admin', 'audit', 'words'],
  queryFn: () => call(adminApi.audit.words.$get()),
});

/** The search of an address, without what is empty or no day. */
export function readSearch(given: Record<string, unknown>): AuditSearch {
  const entries = names.flatMap((name) => {
    const value = String(given[name] ?? '').trim();
    const isDay = name === 'from' || name === 'to';
    return value === '' || (isDay && !dayForm.test(value)) ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** Asks for a page. The last day counts whole. */
export function fetchAudit({ from, to, ...words }: AuditSearch, cursor: string | undefined) {
  return call(
    adminApi.audit.$get({
      query: {
        ...words,
        ...(from && { from: new Date(`${from}T00:00`).toISOString() }),
        ...(to && { to: dayAfter(to).toISOString() }),
        ...(cursor && { cursor }),
      },
    }),
  );
}

function dayAfter(day: string): Date {
  const date = new Date(`${day}T00:00`);
  date.setDate(date.getDate() + 1);
  return date;
}
