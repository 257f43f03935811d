import { Code, Drawer, Stack, Text } from '@mantine/core';
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
import { RowButton } from '../../kit/row-button.tsx';
import { useActorText } from '../actor-text.ts';
import { useActionText } from './actions.ts';
import { changesOf } from './changes.ts';
import { Diff } from './diff.tsx';
import { AuditFilters } from './filters.tsx';
import { type AuditRow, type AuditSearch, fetchAudit, readSearch } from './queries.ts';
import { CustomerLink, SubjectLink, useSubjectText } from './subjects.tsx';
import { useFieldText, useValueText } from './values.ts';

/** Changes that a line of the list tells of. */
const shownMax = 2;

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
  const actionText = useActionText();
  const actorText = useActorText();
  const subjectText = useSubjectText();
  return [
    {
      key: 'action',
      label: t('audit.action'),
      width: 210,
      render: (row) => (
        <RowButton
          label={t('audit.details', {
            action: actionText(row.action),
            subject: subjectText(row),
          })}
          onOpen={() => onOpen(row)}
        >
          {actionText(row.action)}
        </RowButton>
      ),
    },
    {
      key: 'subject',
      label: t('audit.subject'),
      width: 230,
      render: (row) => <SubjectLink row={row} />,
    },
    {
      key: 'changes',
      label: t('audit.changes'),
      render: (row) => <Changes row={row} />,
    },
    {
      key: 'actor',
      label: t('audit.actor'),
      width: 150,
      render: (row) => actorText(row.actor, row.actorName),
    },
    {
      key: 'when',
      label: t('audit.when'),
      isFigure: true,
      width: 180,
      render: (row) => format.moment(row.at),
    },
  ];
}

/** What changed, in two lines. */
function Changes({ row }: { row: AuditRow }) {
  const { t } = useTranslation('admin');
  const fieldText = useFieldText();
  const valueText = useValueText();
  const changes = changesOf(row).filter(({ isChanged }) => isChanged);
  const texts = changes.slice(0, shownMax).map(({ field, before, after }) => {
    const place = { action: row.action, field };
    const values = [before, after].filter((value) => value !== undefined);
    // What has parts is read beside the list.
    if (values.some(hasParts)) return fieldText(place);
    const value = values.map((each) => valueText(each, place)).join(' → ');
    return t('audit.pair', { field: fieldText(place), value });
  });
  const left = changes.length - texts.length;
  if (left > 0) texts.push(t('audit.more', { count: left }));
  return (
    <Text size="xs" c="dimmed" lineClamp={2}>
      {texts.join(' · ') || '–'}
    </Text>
  );
}

function hasParts(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasParts);
  return typeof value === 'object' && value !== null;
}

function Details({ row, onClose }: { row: AuditRow | undefined; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const actionText = useActionText();
  const actorText = useActorText();
  return (
    <Drawer
      opened={row !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={row && actionText(row.action)}
    >
      {row && (
        <Stack gap="md">
          <Facts
            label={actionText(row.action)}
            facts={[
              [t('audit.subject'), <SubjectLink key="subject" row={row} />],
              [t('audit.actor'), actorText(row.actor, row.actorName)],
              row.customerId !== null && [
                t('audit.customer'),
                <CustomerLink key="customer" customerId={row.customerId} />,
              ],
              [t('audit.when'), format.moment(row.at)],
              [t('audit.code'), <Code key="code">{row.action}</Code>],
            ]}
          />
          <Diff row={row} />
        </Stack>
      )}
    </Drawer>
  );
}
