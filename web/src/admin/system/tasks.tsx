import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Section } from '../../kit/section.tsx';
import type { System } from './queries.ts';

type Task = System['tasks'][number];

/** How the worker's tasks ran; who failed last comes first. */
export function Tasks({ tasks }: { tasks: readonly Task[] }) {
  const { t } = useTranslation('admin');
  const rows = tasks.toSorted((one, other) =>
    (other.failedAt ?? '').localeCompare(one.failedAt ?? ''),
  );
  return (
    <Section title={t('system.tasks.title')}>
      {rows.length === 0 ? (
        <EmptyState title={t('system.tasks.none')} />
      ) : (
        <Table verticalSpacing={6} horizontalSpacing="xs" aria-label={t('system.tasks.title')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('system.tasks.name')}</Table.Th>
              <Table.Th>{t('system.tasks.last')}</Table.Th>
              <Table.Th ta="right">{t('system.tasks.took')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((task) => (
              <Row key={task.name} task={task} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}

function Row({ task }: { task: Task }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { name, startedAt, tookMs, failedAt, failure } = task;
  return (
    <Table.Tr>
      <Table.Td className="long">
        {name}
        {failedAt !== null && (
          <Text size="xs" className="loss long" lineClamp={4}>
            {t('system.tasks.failed')}: {format.ago(failedAt)} · {failure}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{format.ago(startedAt)}</Table.Td>
      <Table.Td ta="right" className="figures">
        {format.number(tookMs)} ms
      </Table.Td>
    </Table.Tr>
  );
}
