import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { Section } from '../../kit/section.tsx';
import { formatUnits, parseDecimal } from '../../money.ts';
import { useCustomer } from '../../session.ts';
import { offerQuery } from '../services.ts';
import { useRefusalText } from './refusal-text.ts';
import type { CheckedLine } from './use-mass-order.ts';

type Row = CheckedLine & { number: number };

type Props = {
  checked: { lines: CheckedLine[]; total: string };
  isPlacing: boolean;
  onPlace: () => void;
};

/** What the panel says of each line, what they cost together, and the button that places them. */
export function CheckedLines({ checked, isPlacing, onPlace }: Props) {
  const { t } = useTranslation();
  const columns = useColumns();
  const rows: Row[] = checked.lines.map((line, index) => ({ ...line, number: index + 1 }));
  const bad = rows.filter(({ refusal }) => refusal !== null);
  const good = rows.length - bad.length;
  const shown = [...bad, ...rows.filter(({ refusal }) => refusal === null)];
  return (
    <Section
      title={t('massOrder.checked')}
      description={
        bad.length === 0
          ? t('massOrder.allGood', { count: good })
          : t('massOrder.someBad', { good, count: bad.length })
      }
      actions={
        <Button onClick={onPlace} loading={isPlacing} disabled={good === 0}>
          {good === 0 ? t('massOrder.placeNone') : t('massOrder.place', { count: good })}
        </Button>
      }
    >
      <Totals checked={checked} />
      <DataList<Row>
        label={t('massOrder.checked')}
        columns={columns}
        rows={shown}
        keyOf={({ number }) => String(number)}
        empty={null}
      />
    </Section>
  );
}

function Totals({ checked: { lines, total } }: { checked: Props['checked'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { balance, creditLimit } = useCustomer();
  const isShort = lines.some(({ refusal }) => refusal?.code === 'insufficient_funds');
  const spendable = (parseDecimal(balance) ?? 0n) + (parseDecimal(creditLimit) ?? 0n);
  const missing = (parseDecimal(total) ?? 0n) - spendable;
  return (
    <Stack gap="xs" aria-live="polite">
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {t('massOrder.total')}
        </Text>
        <Text fw={650} size="lg" className="figures">
          {format.money(total)}
        </Text>
      </Group>
      {isShort && (
        <Alert color="yellow" p="sm">
          {missing > 0n
            ? t('massOrder.missing', { amount: format.money(formatUnits(missing)) })
            : t('massOrder.tooDear')}{' '}
          <Anchor component={Link} to="/funds" size="sm">
            {t('newOrder.addFunds')}
          </Anchor>
        </Alert>
      )}
    </Stack>
  );
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const refusalText = useRefusalText();
  const names = useQuery({
    ...offerQuery,
    select: ({ services }) => new Map(services.map(({ id, name }) => [id, name])),
  }).data;
  return [
    {
      key: 'line',
      label: t('massOrder.line'),
      render: ({ number, text, order }) => (
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <Text size="sm" c="dimmed" className="figures">
            {number}
          </Text>
          <Stack gap={0} miw={0}>
            <Text size="sm" className="long">
              {text}
            </Text>
            {order && (
              <Text size="xs" c="dimmed" className="long">
                {names?.get(order.service)}
              </Text>
            )}
          </Stack>
        </Group>
      ),
    },
    {
      key: 'charge',
      label: t('newOrder.charge'),
      isFigure: true,
      width: 150,
      render: ({ order }) => (order ? format.money(order.charge) : '–'),
    },
    {
      key: 'outcome',
      label: t('massOrder.outcome'),
      width: 300,
      render: ({ refusal }) =>
        refusal === null ? (
          <Verdict isGood text={t('massOrder.good')} />
        ) : (
          <Verdict isGood={false} text={refusalText(refusal)} />
        ),
    },
  ];
}

function Verdict({ isGood, text }: { isGood: boolean; text: string }) {
  const Glyph = isGood ? IconCircleCheck : IconAlertCircle;
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" c={isGood ? 'teal' : 'red'}>
      <Glyph size={18} aria-hidden style={{ flexShrink: 0 }} />
      <Text size="sm" c={isGood ? 'dimmed' : undefined}>
        {text}
      </Text>
    </Group>
  );
}
