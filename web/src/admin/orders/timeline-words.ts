import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { formatUnits } from '../../money.ts';
import { useCauseText, useReasonText } from './delivery-state.tsx';
import type { OrderDetail } from './queries.ts';

type Entry = OrderDetail['timeline'][number];
type Line = { label: string; text: string };

const counts: ReadonlySet<string> = new Set(['remains', 'start_count', 'quantity']);
/** Written as counts of the money's smallest unit. */
const amounts: ReadonlySet<string> = new Set(['cost', 'charge']);
/** Answers stand with their attempts, and refunds below the line as money. */
const shownElsewhere: ReadonlySet<string> = new Set(['raw', 'refunded']);

/** What changed of an order, or what is known of a step of delivery, in words. */
export function useEntryLines({ before, after, kind }: Entry): Line[] {
  const labelOf = useLabel();
  const textOf = useText();
  const isStep = Object.keys(before).length === 0;
  const { attempt, ...rest } = after;
  return Object.entries({ attempt, ...rest })
    .filter(([name]) => !shownElsewhere.has(name))
    .filter(([name, value]) => (isStep ? hasText(value) : before[name] !== value))
    .filter(([name, value]) => name !== 'why' || value !== after.reason)
    .map(([name, value]) => {
      const text = textOf(name, value, kind);
      return {
        label: labelOf(name),
        text: isStep ? text : `${textOf(name, before[name], kind)} → ${text}`,
      };
    });
}

function useLabel(): (name: string) => string {
  const { t, i18n } = useTranslation('admin');
  return (name) => {
    const key = `orders.fields.${name}`;
    return i18n.exists(`admin:${key}`) ? String(t(key as never)) : name.replaceAll('_', ' ');
  };
}

/** The server's words in the reader's; what it has none for stands as it is. */
function useText(): (name: string, value: unknown, kind: string) => string {
  const { t, i18n } = useTranslation('admin');
  const { t: words, i18n: wordsOf } = useTranslation();
  const format = useFormat();
  const reasonText = useReasonText();
  const causeText = useCauseText();
  const known = (key: string, value: string) =>
    i18n.exists(`admin:orders.${key}.${value}`)
      ? String(t(`orders.${key}.${value}` as never))
      : value;
  const wasText = (text: string) =>
    i18n.exists(`admin:orders.states.${text}`) ? known('states', text) : reasonText(text);
  return (name, value, kind) => {
    if (value === null || value === undefined) return '–';
    const text = String(value);
    if (counts.has(name) && /^\d+$/.test(text)) return format.number(text);
    if (amounts.has(name) && /^-?\d+$/.test(text)) return format.money(formatUnits(BigInt(text)));
    switch (name) {
      case 'status':
        return wordsOf.exists(`status.${text}`) ? String(words(`status.${text}` as never)) : text;
      case 'reason':
        return kind === 'held' ? reasonText(text) : causeText(text);
      case 'was':
        return wasText(text);
      case 'delivery':
        return known('passed', text);
      case 'decision':
        return known('decisions', text);
      case 'outcome':
        return known('attemptStates', text === 'notSent' ? 'not_sent' : text);
      case 'cancel':
        return '';
      default:
        return text;
    }
  };
}

function hasText(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}
