import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import type { Run } from './queries.ts';

type Broken = Run['broken'][number] & { place: number };

/** What `verify` found: broken rows, and on demand every check with how much it looked at. */
export function VerifyResult({ run }: { run: Run }) {
  const { t } = useTranslation('admin');
  const [isOpen, setOpen] = useState(false);
  const rows = run.broken.map((row, place): Broken => ({ ...row, place }));
  return (
    <Stack gap="sm">
      {rows.length > 0 && (
        <>
          <DataList<Broken>
            label={t('system.verify.brokenRows')}
            rows={rows}
            keyOf={({ place }) => String(place)}
            empty={null}
            columns={[
              { key: 'subject', label: t('system.verify.subject'), render: (row) => row.subject },
              { key: 'detail', label: t('system.verify.detail'), render: (row) => row.detail },
              {
                key: 'check',
                label: t('system.verify.check'),
                render: (row) => `${row.invariant} ${row.check}`,
              },
            ]}
          />
          <Text size="xs" c="dimmed">
            {t('system.verify.cut')}
          </Text>
        </>
      )}
      {isOpen ? (
        <Checks run={run} />
      ) : (
        <Group>
          <Button variant="subtle" size="compact-sm" onClick={() => setOpen(true)}>
            {t('system.verify.all')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Checks({ run }: { run: Run }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (
    <DataList<Run['checked'][number]>
      label={t('system.verify.all')}
      rows={run.checked}
      keyOf={({ name }) => name}
      empty={null}
      columns={[
        { key: 'name', label: t('system.verify.check'), render: ({ name }) => name },
        {
          key: 'count',
          label: t('system.verify.looked'),
          isFigure: true,
          render: ({ count }) => format.number(count),
        },
        {
          key: 'broken',
          label: t('system.verify.brokenRows'),
          isFigure: true,
          render: ({ broken }) => (
            <Text span size="sm" {...(broken > 0 && { className: 'loss', fw: 650 })}>
              {format.number(broken)}
            </Text>
          ),
        },
      ]}
    />
  );
}
