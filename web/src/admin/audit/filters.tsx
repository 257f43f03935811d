import { Autocomplete, Button, Group, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../../kit/search-field.tsx';
import { type AuditSearch, wordsQuery } from './queries.ts';

const typingPauseMs = 400;
const shownMax = 50;

type Props = { search: AuditSearch; onChange: (search: AuditSearch) => void };

/** What narrows the log down. */
export function AuditFilters({ search, onChange }: Props) {
  const { t } = useTranslation('admin');
  const { data: words } = useQuery(wordsQuery);
  const change = (changes: AuditSearch) => onChange({ ...search, ...changes });
  return (
    <Group gap="sm" align="flex-end">
      <WordField
        key={`actor ${search.actor === undefined}`}
        label={t('audit.actor')}
        placeholder={t('audit.actorHint')}
        data={words?.actors ?? []}
        value={search.actor ?? ''}
        onChange={(actor) => change({ actor })}
      />
      <WordField
        key={`action ${search.action === undefined}`}
        label={t('audit.action')}
        placeholder={t('audit.actionHint')}
        data={words?.actions ?? []}
        value={search.action ?? ''}
        onChange={(action) => change({ action })}
      />
      <SearchField
        label={t('audit.subject')}
        placeholder={t('audit.subjectHint')}
        value={search.subject ?? ''}
        onChange={(subject) => change({ subject })}
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

type WordProps = {
  label: string;
  placeholder: string;
  data: string[];
  value: string;
  onChange: (value: string) => void;
};

function WordField({ label, placeholder, data, value, onChange }: WordProps) {
  const [text, setText] = useState(value);
  const send = useDebouncedCallback(onChange, typingPauseMs);
  return (
    <Autocomplete
      flex="1 1 180px"
      label={label}
      placeholder={placeholder}
      data={data}
      limit={shownMax}
      value={text}
      onChange={(typed) => {
        setText(typed);
        send(typed);
      }}
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
