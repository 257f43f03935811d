import { useTranslation } from 'react-i18next';
import type { AuditAction } from '../../../../server/src/http/admin/audit.ts';

type Head = AuditAction extends infer Action
  ? Action extends `${infer First}.${string}`
    ? First
    : never
  : never;

/** The page that an action belongs to, by the action's first word. */
const areaOf = {
  alarms: 'settings',
  backups: 'system',
  balance: 'payments',
  cancel: 'orders',
  category: 'services',
  customer: 'customers',
  delivery: 'orders',
  figures: 'system',
  funds: 'payments',
  key: 'customers',
  link: 'settings',
  mails: 'system',
  money: 'payments',
  payment: 'payments',
  payment_method: 'payments',
  payment_stray: 'payments',
  provider: 'providers',
  refill: 'orders',
  restore: 'system',
  retention: 'settings',
  service: 'services',
  settings: 'settings',
  staff: 'staff',
  user: 'customers',
} as const satisfies Record<Head, string>;

const areas = [
  'orders',
  'services',
  'providers',
  'customers',
  'payments',
  'staff',
  'settings',
  'system',
] as const;

/** What was done, as words; what there are none for, as older releases wrote it, as it is. */
export function useActionText(): (action: string) => string {
  const { t, i18n } = useTranslation('admin');
  return (action) => {
    const key = `audit.actions.${action.replaceAll('.', '-')}`;
    return i18n.exists(key, { ns: 'admin' }) ? String(t(key as never)) : action;
  };
}

/** Actions to choose from, by the pages that they belong to. */
export function useActionChoices(actions: readonly string[]) {
  const { t } = useTranslation('admin');
  const actionText = useActionText();
  const choicesOf = (area: string | undefined) =>
    actions
      .filter((action) => areaOfAction(action) === area)
      .map((action) => ({ value: action, label: actionText(action) }));
  const groups = areas.map((area) => ({
    group: String(t(`frame.pages.${area}`)),
    items: choicesOf(area),
  }));
  const others = { group: t('audit.other'), items: choicesOf(undefined) };
  return [...groups, others].filter(({ items }) => items.length > 0);
}

function areaOfAction(action: string): string | undefined {
  const [head = ''] = action.split('.');
  return Object.hasOwn(areaOf, head) ? areaOf[head as Head] : undefined;
}
