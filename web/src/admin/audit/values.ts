import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { formatUnits } from '../../money.ts';
import { useReasonText } from '../orders/delivery-state.tsx';
import { wordsOf } from './changes.ts';
import { useSubjectText } from './subjects.tsx';

/** Where a value stands: in a row of an action, perhaps within another field. */
export type Place = { action: string; field: string; within?: string };

const money: ReadonlySet<string> = new Set([
  'amount',
  'balance',
  'credit',
  'creditLimit',
  'dailyLimit',
  'feeFixed',
  'fixed',
  'moneyMax',
  'moneyMin',
  'owed',
  'rate',
  'step',
]);
const shares: ReadonlySet<string> = new Set([
  'basisPoints',
  'discountBasisPoints',
  'feeBasisPoints',
  'markupBasisPoints',
]);
/** Written as a count of 10⁻⁵ by older releases. */
const rateUnits: ReadonlySet<string> = new Set(['markupFixed', 'rateMin', 'rateStep']);
const unitsOfRate = 1_000n;
const momentForm = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const subjectForm = /^(customer|order|payment|provider|service):\d+$/;

/** One name may be of several things; this is the one of its texts. */
function nameOf({ action, field, within }: Place): string {
  const isMethod = action.startsWith('payment_method.');
  if (isMethod && field === 'enabled') return 'offered';
  if ((isMethod || within === 'markup') && field === 'min') return 'moneyMin';
  if (isMethod && field === 'max') return 'moneyMax';
  if (within === 'bonusTiers' && field === 'from') return 'amount';
  if (action === 'service.duplicate' && field === 'from') return 'copyOf';
  if (action === 'delivery.decide' && field === 'kind') return 'decision';
  return field;
}

/** What a field is called. */
export function useFieldText(): (place: Place) => string {
  const { t, i18n } = useTranslation('admin');
  return (place) => {
    const key = `audit.fields.${nameOf(place)}`;
    return i18n.exists(key, { ns: 'admin' }) ? String(t(key as never)) : wordsOf(place.field);
  };
}

/** What a field says, in words, money with its currency; what it has no words for as it is. */
export function useValueText(): (value: unknown, place: Place) => string {
  const { t } = useTranslation('admin');
  const fieldText = useFieldText();
  const scalarText = useScalarText();
  const valueText = (value: unknown, place: Place): string => {
    if (value === undefined) return '–';
    if (isEmpty(value)) return emptyText(place.field);
    if (Array.isArray(value)) {
      const texts = value.map((each) => valueText(each, place));
      return texts.join(value.some((each) => typeof each === 'object') ? '\n' : ', ');
    }
    if (typeof value !== 'object') return scalarText(value as string | number | boolean, place);
    return Object.entries(Object(value))
      .map(([field, each]) => {
        const inner = { action: place.action, field, within: place.field };
        return t('audit.pair', { field: fieldText(inner), value: valueText(each, inner) });
      })
      .join(' · ');
  };
  const emptyText = (field: string) => {
    if (field === 'rate') return t('audit.listRate');
    return field === 'dailyLimit' ? t('audit.noLimit') : t('audit.empty');
  };
  return valueText;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function useScalarText(): (value: string | number | boolean, place: Place) => string {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const wordText = useWordText();
  return (value, place) => {
    if (typeof value === 'boolean') return t(value ? 'audit.yes' : 'audit.no');
    const name = nameOf(place);
    const text = String(value);
    const isNumber = /^-?\d{1,15}(\.\d{1,8})?$/.test(text);
    if (isNumber && money.has(name)) return format.money(text);
    if (isNumber && shares.has(name)) return format.percent(Number(text) / 10_000, 2);
    if (rateUnits.has(name) && /^\d{1,15}$/.test(text)) {
      return format.money(formatUnits(BigInt(text) * unitsOfRate));
    }
    if (momentForm.test(text)) return format.moment(text);
    if (typeof value === 'number' && !/Ids?$|^copyOf$/.test(name)) return format.number(value);
    return wordText(text, { ...place, field: name });
  };
}

/** The server's words in the reader's. */
function useWordText(): (text: string, place: Place) => string {
  const { t, i18n } = useTranslation('admin');
  const { t: words, i18n: customers } = useTranslation();
  const reasonText = useReasonText();
  const subjectText = useSubjectText();
  const known = (key: string) =>
    i18n.exists(key, { ns: 'admin' }) ? String(t(key as never)) : undefined;
  return (text, { action, field }) => {
    if (subjectForm.test(text)) return subjectText({ action, subject: text });
    if (!/^[\w -]{1,40}$/.test(text)) return text;
    switch (field) {
      case 'reason':
        return action.startsWith('delivery.') ? reasonText(text) : text;
      case 'decision':
        return known(`orders.decisions.${text}`) ?? known(`audit.values.${text}`) ?? text;
      case 'delivery':
        return known(`orders.passed.${text}`) ?? known(`orders.states.${text}`) ?? text;
      case 'areas':
        return known(`frame.pages.${text}`) ?? text;
      case 'state':
        return known(`audit.values.${text}`) ?? known(`orders.states.${text}`) ?? text;
      case 'status':
        if (customers.exists(`status.${text}`)) return String(words(`status.${text}` as never));
        return known(`audit.values.${text}`) ?? text;
      case 'base':
      case 'flag':
      case 'key':
      case 'kind':
      case 'language':
      case 'languages':
      case 'notifications':
      case 'pausedBy':
      case 'suspendedBy':
        return known(`audit.values.${text}`) ?? text;
      default:
        return text;
    }
  };
}
