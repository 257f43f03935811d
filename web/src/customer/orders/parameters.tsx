import { ScrollArea, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import type { Order } from './queries.ts';

/** The parameters of the service's type: comments, user names, and so on. */
export function OrderParameters({ order }: { order: Order }) {
  const { t } = useTranslation();
  const entries = Object.entries(order.parameters);
  if (entries.length === 0) return null;
  return (
    <Section title={t('orders.parameters')}>
      {entries.map(([name, value]) => (
        <Stack key={name} gap={2}>
          <Text size="xs" c="dimmed" fw={600}>
            {t(`newOrder.fields.${name}` as never, { defaultValue: name })}
          </Text>
          <Value name={name} value={value} />
        </Stack>
      ))}
    </Section>
  );
}

function Value({ name, value }: { name: string; value: Order['parameters'][string] }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  if (Array.isArray(value)) {
    return (
      <ScrollArea.Autosize mah={260}>
        <Text size="sm" className="long" style={{ whiteSpace: 'pre-line' }}>
          {value.join('\n')}
        </Text>
      </ScrollArea.Autosize>
    );
  }
  const text =
    typeof value === 'number'
      ? String(t(`newOrder.choices.${name}.${value}` as never, { defaultValue: number(value) }))
      : String(value);
  return (
    <Text size="sm" className="long">
      {text}
    </Text>
  );
}
