import { useTranslation } from 'react-i18next';

/** What did something by itself: `system:sync`. */
const systemKind = 'system:';

/**
 * Who did something, as words: `staff:ann`, `customer:7`, `customer:7 by staff:ann`, `system:sync`.
 * Customers by their name where it is known, and what there are no words for as it is.
 */
export function useActorText(): (actor: string, customerName?: string | null) => string {
  const { t, i18n } = useTranslation('admin');
  const nameOf = (actor: string, customerName: string | null): string => {
    if (actor === 'staff:cli') return t('actors.cli');
    if (actor.startsWith('staff:')) return actor.slice('staff:'.length);
    if (actor.startsWith('customer:')) {
      return customerName ?? t('actors.customer', { id: actor.slice('customer:'.length) });
    }
    const key = `actors.system.${actor.slice(systemKind.length)}`;
    const isKnown = actor.startsWith(systemKind) && i18n.exists(key, { ns: 'admin' });
    return isKnown ? String(t(key as never)) : actor;
  };
  return (actor, customerName = null) => {
    const [who = '', staff] = actor.split(' by ');
    if (staff === undefined) return nameOf(who, customerName);
    const names = { staff: nameOf(staff, null), customer: nameOf(who, customerName) };
    return t('actors.forCustomer', names);
  };
}
