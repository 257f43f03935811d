import { Button, Group, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../../kit/search-field.tsx';
import { useActorText } from '../actor-text.ts';
import { useActionChoices } from './actions.ts';
import { type AuditSearch, wordsQuery } from './queries.ts';
import { useSubjectReader, useSubjectText } from './subjects.tsx';

type Props = { search: AuditSearch; onChange: (search: AuditSearch) => void };

/** What narrows the log down. */
export function AuditFilters({ search, onChange }: Props) {
  const { t } = useTranslation('admin');
  const { data: words } = useQuery(wordsQuery);
  const readSubject = useSubjectReader();
  const subjectText = useSubjectText();
  const change = (changes: AuditSearch) => onChange({ ...search, ...changes });
  return (
    <Group gap="sm" align="flex-end">
      <ActorField
        known={words?.actors ?? []}
        value={search.actor}
        onChange={(actor) => change({ actor })}
      />
      <ActionField
        known={words?.actions ?? []}
        value={search.action}
        onChange={(action) => change({ action })}
      />
      <SearchField
        label={t('audit.subject')}
        placeholder={t('audit.subjectHint')}
        value={search.subject ? subjectText({ action: '', subject: search.subject }) : ''}
        onChange={(subject) => change({ subject: readSubject(subject) })}
      />
      <DayField label={t('audit.from')} value={search.from} onChange={(from) => change({ from })} />
      <DayField label={t('audit.to')} value={search.to} onChange={(to) => change({ to })} />
      {Object.keys(search).length > 0 && (
        <Button variant="subtle" color="gray" onClick={() => onChange({})}>
          {t('audit.clear')}
        </Button>
      )}
    </Group>
  );
}

type ChoiceProps = {
  known: readonly string[];
  value: string | undefined;
  onChange: (value: string) => void;
};

function ActorField({ known, value, onChange }: ChoiceProps) {
  const { t } = useTranslation('admin');
  const actorText = useActorText();
  const [typed, setTyped] = useState('');
  // Customers are too many to be listed: one is there once its number is typed.
  const [id] = /[1-9]\d*$/.exec(typed) ?? [];
  const actors = [...known, ...(value ? [value] : []), ...(id ? [`customer:${id}`] : [])];
  return (
    <Select
      flex="1 1 180px"
      label={t('audit.actor')}
      placeholder={t('audit.anybody')}
      data={[...new Set(actors)].map((actor) => ({ value: actor, label: actorText(actor) }))}
      searchable
      maxDropdownHeight={400}
      clearable
      clearButtonProps={{ 'aria-label': t('audit.clearOne') }}
      nothingFoundMessage={t('audit.actorHint')}
      value={value ?? null}
      onSearchChange={setTyped}
      onChange={(actor) => onChange(actor ?? '')}
    />
  );
}

function ActionField({ known, value, onChange }: ChoiceProps) {
  const { t } = useTranslation('admin');
  const actions = [...new Set([...known, ...(value ? [value] : [])])];
  return (
    <Select
      flex="1 1 200px"
      label={t('audit.action')}
      placeholder={t('audit.anyAction')}
      data={useActionChoices(actions)}
      searchable
      maxDropdownHeight={400}
      clearable
      clearButtonProps={{ 'aria-label': t('audit.clearOne') }}
      nothingFoundMessage={t('audit.noneSuch')}
      value={value ?? null}
      onChange={(action) => onChange(action ?? '')}
    />
  );
}

type DayProps = { label: string; value: string | undefined; onChange: (day: string) => void };

function DayField({ label, value, onChange }: DayProps) {
  return (
    <TextInput
      type="date"
      flex="1 1 140px"
      label={label}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
