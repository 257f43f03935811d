import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Section } from '../../kit/section.tsx';
import type { System } from './queries.ts';

type Task = System['tasks'][number];

/** How the worker's tasks ran, the last failed first. */
export function Tasks({ tasks }: { tasks: readonly Task[] }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const rows = tasks.toSorted((one, other) =>
    (other.failedAt ?? '').localeCompare(one.failedAt ?? ''),
  );
  return (
    <Section title={t('system.tasks.title')}>
      <DataList<Task>
        label={t('system.tasks.title')}
        rows={rows}
        keyOf={({ name }) => name}
        empty={<EmptyState title={t('system.tasks.none')} />}
        columns={[
          { key: 'name', label: t('system.tasks.name'), render: ({ name }) => name },
          {
            key: 'last',
            label: t('system.tasks.last'),
            render: ({ startedAt }) => format.ago(startedAt),
          },
          {
            key: 'took',
            label: t('system.tasks.took'),
            isFigure: true,
            render: ({ tookMs }) => `${format.number(tookMs)} ms`,
          },
          {
            key: 'failed',
            label: t('system.tasks.failed'),
            render: (task) => <Failure {...task} />,
          },
        ]}
      />
    </Section>
  );
}

function Failure({ failedAt, failure }: Task) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  if (failedAt === null) {
    return (
      <Text span size="sm" c="dimmed">
        {t('system.tasks.never')}
      </Text>
    );
  }
  return (
    <Stack gap={2}>
      <Text size="sm">{format.ago(failedAt)}</Text>
      <Text size="xs" className="loss long" lineClamp={4}>
        {failure}
      </Text>
    </Stack>
  );
}
