import { Badge, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const colours: Readonly<Record<string, string>> = {
  due: 'gray',
  sending: 'blue',
  unknown: 'orange',
  following: 'blue',
  held: 'red',
  done: 'gray',
};
const flagged = 'flagged: ';

type State = 'due' | 'sending' | 'unknown' | 'following' | 'held' | 'done';
type Props = { delivery: { state: State; reason: string; provider: string } | null };

/** Who delivers an order, and how that stands. */
export function DeliveryBadge({ delivery }: Props) {
  const { t } = useTranslation('admin');
  if (delivery === null) {
    return (
      <Text span size="sm" c="dimmed">
        {t('orders.states.none')}
      </Text>
    );
  }
  const { state, reason, provider } = delivery;
  const isFlagged = reason.startsWith(flagged) || reason === 'late_accepted';
  return (
    <Stack gap={4} align="flex-start">
      <Text span size="sm" className="long">
        {provider}
      </Text>
      <Badge
        color={isFlagged ? 'orange' : (colours[state] ?? 'gray')}
        tt="none"
        miw="max-content"
        className="status"
      >
        {t(`orders.states.${state}`)}
      </Badge>
    </Stack>
  );
}

/** Why a delivery waits for staff, in words; the provider's own where there are none. */
export function useReasonText(): (reason: string) => string {
  const { t, i18n } = useTranslation('admin');
  return (reason) => {
    if (reason.startsWith(flagged)) {
      return t('orders.reasons.flagged', { problem: reason.slice(flagged.length) });
    }
    const key = `orders.reasons.${reason}`;
    // Reasons come from the server; the app has words for those it knows.
    return i18n.exists(`admin:${key}`) ? String(t(key as never)) : reason;
  };
}

/** Why an attempt came to nothing, in words; as it is where there are none. */
export function useCauseText(): (cause: string) => string {
  const { t, i18n } = useTranslation('admin');
  return (cause) => {
    const key = `orders.causes.${cause}`;
    return i18n.exists(`admin:${key}`) ? String(t(key as never)) : cause.replaceAll('_', ' ');
  };
}
