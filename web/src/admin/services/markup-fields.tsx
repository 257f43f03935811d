import { Select, SimpleGrid, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { usePanel } from '../../session.ts';
import { rateSteps, type useMarkup } from './markup.ts';

type Props = { form: ReturnType<typeof useMarkup> };

/** Percentage, fixed amount, rounding and floor of prices. */
export function MarkupFields({ form: { values, bad, set } }: Props) {
  const { t } = useTranslation('admin');
  const { panel } = usePanel();
  const field = (name: 'percent' | 'fixed' | 'min', unit: string) => (
    <TextInput
      label={t(`services.prices.${name}`)}
      placeholder="0"
      inputMode="decimal"
      value={values[name]}
      rightSection={unit}
      rightSectionWidth={unit.length > 1 ? 52 : 32}
      rightSectionProps={{ 'aria-hidden': true, style: { fontSize: 13 } }}
      error={bad.includes(name) && t('services.prices.badNumber')}
      onChange={(event) => set(name, event.currentTarget.value)}
    />
  );
  return (
    <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm" verticalSpacing="sm">
      {field('percent', '%')}
      {field('fixed', panel.currency)}
      <Select
        label={t('services.prices.step')}
        allowDeselect={false}
        data={rateSteps.map((step, index) => ({
          value: step,
          label: index === 0 ? t('services.prices.exact') : step,
        }))}
        value={values.step}
        onChange={(step) => set('step', step ?? rateSteps[0])}
      />
      {field('min', panel.currency)}
    </SimpleGrid>
  );
}
