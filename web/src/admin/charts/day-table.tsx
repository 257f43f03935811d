import { Box, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Drawn } from './drawn.ts';

type Props = { title: string; days: readonly string[]; series: readonly Drawn[] };

/** All figures of a chart, the last day first. */
export default function DayTable({ title, days, series }: Props) {
  const { t } = useTranslation('admin');
  return (
    <Box
      mah={320}
      style={{ overflow: 'auto' }}
      // Scrolled by keys, too.
      tabIndex={0}
      role="region"
      aria-label={title}
    >
      <Table aria-label={title} verticalSpacing={4} horizontalSpacing={8} fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('charts.day')}</Table.Th>
            {series.map(({ name, label }) => (
              <Table.Th key={name} ta="right">
                {label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {days
            .map((day, at) => (
              <Table.Tr key={day}>
                <Table.Td>
                  <Text span size="xs" className="one-line">
                    {day}
                  </Text>
                </Table.Td>
                {series.map(({ name, texts }) => (
                  <Table.Td key={name} ta="right" className="figures">
                    {texts[at]}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))
            .toReversed()}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
