import { Anchor, Code, Drawer, Stack, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Facts } from '../../kit/facts.tsx';
import { Page } from '../../kit/page.tsx';
import { usePages } from '../../kit/pages.ts';
import { changesOf, wordsOf } from './changes.ts';
import { Diff } from './diff.tsx';
import { AuditFilters } from './filters.tsx';
import { type AuditRow, type AuditSearch, fetchAudit, readSearch } from './queries.ts';

/** Who changed what. */
export default function AuditPage() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const search = readSearch(useSearch({ strict: false }));
  const [opened, setOpened] = useState<AuditRow>();
  const columns = useColumns(setOpened);
  const pages = usePages<AuditRow>(['admin', 'audit', search], (cursor) =>
    fetchAudit(search, cursor),
  );
  const change = (next: AuditSearch) =>
    void navigate({ to: '/admin/audit', search: readSearch(next), replace: true });
  const isFiltered = Object.keys(search).length > 0;
  return (
    <Page title={t('audit.title')} description={t('audit.description')}>
      <AuditFilters search={search} onChange={change} />
      <DataList<AuditRow>
        label={t('audit.title')}
        columns={columns}
        keyOf={({ id }) => String(id)}
        onOpen={setOpened}
        empty={
          <EmptyState
            icon={IconHistory}
            title={t(isFiltered ? 'audit.noneSuch' : 'audit.none')}
            text={isFiltered && t('audit.noneSuchText')}
          />
        }
        {...pages}
      />
      <Details row={opened} onClose={() => setOpened(undefined)} />
    </Page>
  );
}

function useColumns(onOpen: (row: AuditRow) => void): Column<AuditRow>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return [
    {
      key: 'action',
      label: t('audit.action'),
      width: 190,
      render: (row) => (
        <Anchor
          component="button"
          size="sm"
          fw={600}
          ta="left"
          aria-label={t('audit.details', { action: row.action, subject: row.subject })}
          onClick={(event) => {
            event.stopPropagation();
            onOpen(row);
          }}
        >
          {row.action}
        </Anchor>
      ),
    },
    { key: 'subject', label: t('audit.subject'), render: (row) => row.subject },
    {
      key: 'changes',
      label: t('audit.changes'),
      render: (row) => <Fields row={row} />,
    },
    { key: 'actor', label: t('audit.actor'), width: 160, render: (row) => row.actor },
    {
      key: 'when',
      label: t('audit.when'),
      isFigure: true,
      width: 190,
      render: (row) => format.moment(row.at),
    },
  ];
}

/** Which fields changed, in a line. */
function Fields({ row }: { row: AuditRow }) {
  const fields = changesOf(row).filter(({ isChanged }) => isChanged);
  return (
    <Text size="xs" c="dimmed" lineClamp={2}>
      {fields.map(({ field }) => wordsOf(field)).join(', ') || '–'}
    </Text>
  );
}

function Details({ row, onClose }: { row: AuditRow | undefined; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const format = useFormat();
  return (
    <Drawer
      opened={row !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={row?.action}
      closeButtonProps={{ 'aria-label': words('states.close') }}
    >
      {row && (
        <Stack gap="md">
          <Facts
            label={row.action}
            facts={[
              [t('audit.subject'), <Code key="subject">{row.subject}</Code>],
              [t('audit.actor'), <Code key="actor">{row.actor}</Code>],
              row.customerId !== null && [t('audit.customer'), String(row.customerId)],
              [t('audit.when'), format.moment(row.at)],
            ]}
          />
          <Diff row={row} />
        </Stack>
      )}
    </Drawer>
  );
}
