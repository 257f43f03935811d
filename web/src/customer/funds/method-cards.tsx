import { Group, Radio, SimpleGrid, Stack, Text, ThemeIcon } from '@mantine/core';
import { type Icon, IconBuildingBank, IconCreditCard, IconWorldDollar } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { parseDecimal } from '../../money.ts';
import type { Method } from './queries.ts';

const icons: Readonly<Record<Method['kind'], Icon>> = {
  manual: IconBuildingBank,
  stripe: IconCreditCard,
  webhook: IconWorldDollar,
};
const wholeBasisPoints = 10_000;

type Props = {
  methods: readonly Method[];
  chosen: Method | undefined;
  onChoose: (method: Method | undefined) => void;
};

/** The ways to pay, with what each keeps and adds. */
export function MethodCards({ methods, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  return (
    <Radio.Group
      label={t('funds.method')}
      value={chosen === undefined ? null : String(chosen.id)}
      onChange={(id) => onChoose(methods.find((method) => String(method.id) === id))}
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" mt={6}>
        {methods.map((method) => (
          <MethodCard key={method.id} method={method} isChosen={method.id === chosen?.id} />
        ))}
      </SimpleGrid>
    </Radio.Group>
  );
}

function MethodCard({ method, isChosen }: { method: Method; isChosen: boolean }) {
  const format = useFormat();
  const { t } = useTranslation();
  const terms = useTerms(method);
  const Glyph = icons[method.kind];
  return (
    <Radio.Card
      value={String(method.id)}
      radius="md"
      p="sm"
      display="flex"
      style={{
        alignItems: 'flex-start',
        borderColor: isChosen ? 'var(--mantine-primary-color-filled)' : 'var(--line)',
      }}
    >
      <Group wrap="nowrap" align="flex-start" gap="sm" flex={1}>
        <ThemeIcon variant="light" size="lg" color={isChosen ? 'accent' : 'gray'}>
          <Glyph size={20} stroke={1.6} aria-hidden />
        </ThemeIcon>
        <Stack gap={2} flex={1} miw={0}>
          <Text size="sm" fw={600} className="long">
            {method.name}
          </Text>
          <Text size="xs" c="dimmed" className="figures">
            {t('funds.range', { min: format.money(method.min), max: format.money(method.max) })}
          </Text>
          {terms.map((term) => (
            <Text key={term} size="xs" c="dimmed" className="figures">
              {term}
            </Text>
          ))}
        </Stack>
        <Radio.Indicator />
      </Group>
    </Radio.Card>
  );
}

/** Fee and bonuses in words. */
function useTerms({ feeBasisPoints, feeFixed, bonusTiers }: Method): string[] {
  const { t } = useTranslation();
  const format = useFormat();
  const percent = (points: number) => format.percent(points / wholeBasisPoints, 2);
  const hasFixed = (parseDecimal(feeFixed) ?? 0n) > 0n;
  const parts = [
    ...(feeBasisPoints > 0 ? [percent(feeBasisPoints)] : []),
    ...(hasFixed ? [format.money(feeFixed)] : []),
  ];
  const fee = parts.length === 0 ? t('funds.noFee') : t('funds.feeOf', { fee: parts.join(' + ') });
  const bonuses = bonusTiers
    .filter(({ basisPoints }) => basisPoints > 0)
    .map(({ from, basisPoints }) =>
      t('funds.bonusFrom', { bonus: percent(basisPoints), from: format.money(from) }),
    );
  return [fee, ...bonuses];
}
