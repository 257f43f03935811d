import { Alert, Anchor, Badge, Divider, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import { useActorText } from '../actor-text.ts';
import { DeliveryBadge, useCauseText, useReasonText } from './delivery-state.tsx';
import { EvidenceView, RawReply } from './evidence.tsx';
import { Facts } from './facts.tsx';
import type { Attempt, OrderDetail } from './queries.ts';

/** Who delivers an order, by which route, and how that stands. */
export function DeliverySection({ delivery }: { delivery: OrderDetail['delivery'] }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const reasonText = useReasonText();
  const saidOf = useSaid();
  if (delivery === null) {
    return (
      <Section title={t('orders.delivery')}>
        <Text size="sm" c="dimmed">
          {t('orders.byStaff')}
        </Text>
      </Section>
    );
  }
  const { providerId, provider, routePosition: position, externalServiceId: service } = delivery;
  const facts = [
    {
      label: t('orders.provider'),
      value: (
        <Anchor
          renderRoot={(props) => (
            <Link to={`/admin/providers/${providerId}` as string} {...props} />
          )}
          size="sm"
        >
          {t('orders.route', { position, provider, service })}
        </Anchor>
      ),
    },
    { label: t('orders.externalId'), value: delivery.externalId ?? '–' },
    ...(delivery.acceptedAt === null
      ? []
      : [{ label: t('orders.accepted'), value: format.moment(delivery.acceptedAt) }]),
    ...(delivery.dueAt === null
      ? []
      : [{ label: t('orders.next'), value: format.moment(delivery.dueAt) }]),
    ...(delivery.seen === null ? [] : [{ label: t('orders.said'), value: saidOf(delivery.seen) }]),
  ];
  return (
    <Section title={t('orders.delivery')}>
      <DeliveryBadge delivery={delivery} />
      {delivery.reason !== '' && (
        <Alert color="orange" p="sm" className="long">
          {reasonText(delivery.reason)}
        </Alert>
      )}
      <Facts facts={facts} cols={1} />
      {delivery.isDelegated && (
        <Text size="sm" c="dimmed">
          {t('orders.delegated')}
        </Text>
      )}
    </Section>
  );
}

/** A provider's last report: its status, with the counts that came with it. */
function useSaid(): (seen: string) => string {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (seen) => {
    const [status = '', startCount = '', remains = '', ...others] = seen.split('|');
    const count = (label: string, text: string) => {
      const isCount = /^\d+$/.test(text);
      return text === '' ? '' : `${label} ${isCount ? format.number(text) : text}`;
    };
    return [
      status,
      count(t('orders.startCount'), startCount),
      count(t('orders.remains'), remains),
      ...others,
    ]
      .filter(Boolean)
      .join(' · ');
  };
}

const stateColours: Readonly<Record<Attempt['state'], string>> = {
  sending: 'blue',
  accepted: 'teal',
  rejected: 'red',
  not_sent: 'gray',
  unknown: 'orange',
};

/** Each time an order was sent, with what came back. */
export function AttemptsSection({ attempts }: { attempts: readonly Attempt[] }) {
  const { t } = useTranslation('admin');
  return (
    <Section title={t('orders.attempts')} description={t('orders.attemptsText')}>
      {attempts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('orders.noAttempts')}
        </Text>
      ) : (
        attempts.toReversed().map((attempt, index) => (
          <Fragment key={attempt.number}>
            {index > 0 && <Divider />}
            <AttemptView attempt={attempt} />
          </Fragment>
        ))
      )}
    </Section>
  );
}

function AttemptView({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation('admin');
  const actorText = useActorText();
  const causeText = useCauseText();
  const format = useFormat();
  const { number, provider, externalServiceId: service, state, externalId, reason } = attempt;
  const facts = [
    { label: t('orders.at'), value: `${provider} · ${service}` },
    { label: t('orders.externalId'), value: externalId ?? '–' },
    {
      label: t('orders.cost'),
      value: attempt.cost === null ? t('orders.notKnown') : format.money(attempt.cost),
    },
    ...(reason === '' ? [] : [{ label: t('orders.reason'), value: causeText(reason) }]),
  ];
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {t('orders.attempt', { number })}
          </Text>
          <Badge color={stateColours[state]} tt="none" miw="max-content" className="status">
            {t(`orders.attemptStates.${state}`)}
          </Badge>
        </Group>
        <Text size="xs" c="dimmed">
          {format.moment(attempt.startedAt)}
        </Text>
      </Group>
      <Facts facts={facts} />
      {attempt.resolvedBy !== null && (
        <Text size="sm">{t('orders.decidedBy', { actor: actorText(attempt.resolvedBy) })}</Text>
      )}
      {attempt.evidence !== null && <EvidenceView evidence={attempt.evidence} />}
      <Stack gap={2}>
        <Text size="xs" c="dimmed">
          {t('orders.answer')}
        </Text>
        {attempt.raw === '' ? (
          <Text size="sm">{t('orders.noAnswer')}</Text>
        ) : (
          <RawReply raw={attempt.raw} />
        )}
      </Stack>
    </Stack>
  );
}
