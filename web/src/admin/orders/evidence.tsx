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
  const problemText = useProbeProblem();
  const { found, candidates, charge, from, to, problem } = probe;
  const heading =
    found !== null
      ? `${t('queues.probeFound', { id: found })}; ${t(`queues.probeCharge.${charge}`)}`
      : candidates.length > 0
        ? t('queues.probeCandidates', { ids: candidates.join(', ') })
        : t('queues.probeNone');
  const details = [
    ...(isRange(from, to) ? [t('queues.probeRange', { from, to })] : []),
    ...(problem === '' ? [] : [problemText(problem)]),
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

/** Between neighbours that follow each other there is nothing to look at. */
function isRange(from: string, to: string): boolean {
  return /^\d+$/.test(from) && /^\d+$/.test(to) && BigInt(from) <= BigInt(to);
}

const probeProblems = [
  [/^no order before it is known$/, 'noneBefore'],
  [/^no id lies between its neighbours$/, 'noneBetween'],
  [/^more than (?<count>\d+) ids$/, 'tooMany'],
  [/^(?<count>\d+) other unknown attempts at that time$/, 'rivals'],
  [/^it costs (?<amount>\S+) there$/, 'otherCharge'],
] as const;

/** Why looking there proved nothing, in words; what a provider said stands as it is. */
function useProbeProblem(): (problem: string) => string {
  const { t } = useTranslation('admin');
  return (problem) => {
    for (const [pattern, key] of probeProblems) {
      const match = pattern.exec(problem);
      if (match) return String(t(`queues.probeProblems.${key}` as never, { ...match.groups }));
    }
    return problem;
  };
}

/** What a provider said, as it came: text, whatever it looks like. */
export function RawReply({ raw }: { raw: string }) {
  return (
    <Code block className="long" mah={240} style={{ overflow: 'auto', whiteSpace: 'pre-wrap' }}>
      {raw}
    </Code>
  );
}
