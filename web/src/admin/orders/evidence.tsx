import { Code, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import type { Evidence } from './queries.ts';

/** What was found out about an attempt that nobody knows the end of, in sentences. */
export function EvidenceView({ evidence }: { evidence: Evidence | null }) {
  const { t } = useTranslation('admin');
  if (evidence === null) {
    return (
      <Text size="sm" c="dimmed">
        {t('queues.noEvidence')}
      </Text>
    );
  }
  const { asked, balance, probe } = evidence;
  return (
    <Stack gap="xs">
      {asked !== null && <Text size="sm">{t('queues.asked', { outcome: asked })}</Text>}
      {balance && <BalanceView balance={balance} />}
      {probe && <ProbeView probe={probe} />}
    </Stack>
  );
}

function BalanceView({ balance }: { balance: NonNullable<Evidence['balance']> }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const shown = (amount: string | null) =>
    amount === null ? t('queues.shown') : format.number(amount);
  return (
    <Stack gap={0}>
      <Text size="sm" fw={500}>
        {t(`queues.balance.${balance.verdict}`)}
      </Text>
      <Text size="xs" c="dimmed" className="figures">
        {t('queues.balanceText', {
          before: shown(balance.before),
          after: shown(balance.after),
          explained: shown(balance.explained),
          cost: shown(balance.cost),
        })}
      </Text>
    </Stack>
  );
}

function ProbeView({ probe }: { probe: NonNullable<Evidence['probe']> }) {
  const { t } = useTranslation('admin');
  const { found, candidates, charge, from, to, problem } = probe;
  const heading =
    found !== null
      ? `${t('queues.probeFound', { id: found })}; ${t(`queues.probeCharge.${charge}`)}`
      : candidates.length > 0
        ? t('queues.probeCandidates', { ids: candidates.join(', ') })
        : t('queues.probeNone');
  const details = [
    ...(from === '' ? [] : [t('queues.probeRange', { from, to })]),
    ...(problem === '' ? [] : [problem]),
  ];
  return (
    <Stack gap={0}>
      <Text size="sm" fw={500} className="long">
        {heading}
      </Text>
      {details.length > 0 && (
        <Text size="xs" c="dimmed" className="long">
          {details.join(' · ')}
        </Text>
      )}
    </Stack>
  );
}

/** What a provider said, as it came: text, whatever it looks like. */
export function RawReply({ raw }: { raw: string }) {
  return (
    <Code block className="long" mah={240} style={{ overflow: 'auto', whiteSpace: 'pre-wrap' }}>
      {raw}
    </Code>
  );
}
