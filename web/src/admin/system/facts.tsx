import { SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Facts } from '../../kit/facts.tsx';
import { Section } from '../../kit/section.tsx';
import { useBytes } from '../use-bytes.ts';
import type { System } from './queries.ts';

/** Versions, the database, its largest tables. */
export function SystemFacts({ system }: { system: System }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const bytes = useBytes();
  const { connectionsUsed: used, connectionsMax: max } = system;
  return (
    <Section title={t('system.facts.title')}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl" style={{ alignItems: 'start' }}>
        <Facts
          label={t('system.facts.title')}
          facts={[
            [t('system.facts.panel'), system.panel],
            [t('system.facts.node'), system.node],
            [t('system.facts.postgres'), system.postgres],
            [t('system.facts.migration'), system.migration],
            [t('system.facts.size'), bytes(system.databaseBytes)],
            [t('system.facts.connections'), `${format.number(used)} / ${format.number(max)}`],
          ]}
        />
        <Stack gap="xs">
          <Text size="sm" fw={600}>
            {t('system.facts.tables')}
          </Text>
          <Table verticalSpacing={4} aria-label={t('system.facts.tables')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('system.facts.table')}</Table.Th>
                <Table.Th ta="right">{t('system.facts.bytes')}</Table.Th>
                <Table.Th ta="right">{t('system.facts.rows')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {system.tables.map((table) => (
                <Table.Tr key={table.name}>
                  <Table.Td className="long">{table.name}</Table.Td>
                  <Table.Td ta="right" className="figures">
                    {bytes(table.bytes)}
                  </Table.Td>
                  <Table.Td ta="right" className="figures">
                    {format.number(table.rows)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Stack>
      </SimpleGrid>
    </Section>
  );
}
