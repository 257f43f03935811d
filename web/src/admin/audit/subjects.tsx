import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useAreas } from '../use-areas.ts';
import type { AuditRow } from './queries.ts';

/** Kinds of what is changed that have numbers, as one may search for them. */
const numberedKinds = [
  'category',
  'customer',
  'key',
  'order',
  'payment',
  'payment_method',
  'payment_stray',
  'provider',
  'refill',
  'service',
  'staff',
] as const;

/** Those of which there is one. */
const singleKinds = ['alarms', 'figures', 'mails', 'restore', 'settings'] as const;

type Place = { area: string; to: string; search?: Record<string, string | number> };
type Subject = Pick<AuditRow, 'action' | 'subject'>;

/** What was changed, as words without its name. A blocked link is any text, and stands as it is. */
export function useSubjectText(): (row: Subject) => string {
  const { t, i18n } = useTranslation('admin');
  return ({ action, subject }) => {
    const [kind = '', id = ''] = subject.split(':');
    const key = `audit.subjects.${kind}`;
    const isKnown = !action.startsWith('link.') && i18n.exists(key, { ns: 'admin' });
    return isKnown ? String(t(key as never, { id } as never)) : subject;
  };
}

/** `Service 12`, or as it is called in the reader's language, as the log has it: `service:12`. */
export function useSubjectReader(): (text: string) => string {
  const { t } = useTranslation('admin');
  return (text) => {
    const [, words = text, id = ''] = /^(.*?)[\s:#]*(\d+)$/u.exec(text.trim()) ?? [];
    const kinds = id === '' ? singleKinds : numberedKinds;
    const kind = kinds.find((each) => {
      const shown = String(t(`audit.subjects.${each}`, { id: '' })).trim();
      return [each, shown.toLowerCase()].includes(words.trim().toLowerCase());
    });
    if (kind === undefined) return text;
    return id === '' ? kind : `${kind}:${id}`;
  };
}

/** What was changed, by its name, and the way to its page for who may see that. */
export function SubjectLink({ row }: { row: AuditRow }) {
  const { t } = useTranslation('admin');
  const what = useSubjectText()(row);
  const name = row.subjectName;
  const text = name === null ? what : t('audit.named', { what, name });
  return <PlaceLink place={placeOf(row)} text={text} />;
}

/** Whose it is, and the way there. */
export function CustomerLink({ customerId }: { customerId: number }) {
  const { t } = useTranslation('admin');
  const text = t('audit.subjects.customer', { id: customerId });
  return (
    <PlaceLink place={{ area: 'customers', to: `/admin/customers/${customerId}` }} text={text} />
  );
}

function PlaceLink({ place, text }: { place: Place | undefined; text: string }) {
  const areas = useAreas();
  if (place === undefined || !areas.has(place.area)) {
    return (
      <Text span size="sm" className="long">
        {text}
      </Text>
    );
  }
  const { to, search = {} } = place;
  return (
    <Anchor
      size="sm"
      className="long"
      renderRoot={(props) => (
        <Link to={to} search={search} onClick={(event) => event.stopPropagation()} {...props} />
      )}
    >
      {text}
    </Anchor>
  );
}

function placeOf({ action, subject, customerId, orderId }: AuditRow): Place | undefined {
  if (action.startsWith('link.')) return { area: 'settings', to: '/admin/settings' };
  const [kind, id] = subject.split(':');
  switch (kind) {
    case 'order':
    case 'refill':
      return orderId === null ? undefined : { area: 'orders', to: `/admin/orders/${orderId}` };
    case 'service':
      return { area: 'services', to: `/admin/services/${id}` };
    case 'category':
      return { area: 'services', to: '/admin/services' };
    case 'provider':
      return { area: 'providers', to: `/admin/providers/${id}` };
    case 'customer':
    case 'key':
    case 'user':
      if (customerId === null) return { area: 'staff', to: '/admin/staff' };
      return { area: 'customers', to: `/admin/customers/${customerId}` };
    case 'payment':
      return { area: 'payments', to: '/admin/payments', search: { payment: Number(id) } };
    case 'payment_method':
      return { area: 'payments', to: '/admin/payments', search: { tab: 'methods' } };
    case 'payment_stray':
      return { area: 'payments', to: '/admin/payments', search: { tab: 'strays' } };
    case 'staff':
      return { area: 'staff', to: '/admin/staff' };
    case 'alarms':
    case 'settings':
      return { area: 'settings', to: '/admin/settings' };
    case 'figures':
    case 'mails':
    case 'restore':
      return { area: 'system', to: '/admin/system' };
    default:
      return undefined;
  }
}
