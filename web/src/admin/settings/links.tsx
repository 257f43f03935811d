import { Button, Group, Pill, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { Loaded } from '../../kit/loaded.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { Section } from '../../kit/section.tsx';
import { linksQuery } from './queries.ts';

const shownMax = 100;

/** Texts that no link may contain. */
export function Links() {
  const { t } = useTranslation('admin');
  const [text, setText] = useState('');
  const links = useQuery(linksQuery);
  const changing = useChange();
  return (
    <Section title={t('settings.links.title')} description={t('settings.links.text')}>
      <Stack gap="md" maw={640}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            changing.mutate({ text, isBlocked: true }, { onSuccess: () => setText('') });
          }}
        >
          <Group align="flex-end" gap="sm">
            <TextInput
              flex={1}
              label={t('settings.links.label')}
              placeholder={t('settings.links.placeholder')}
              required
              maxLength={200}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <Button type="submit" loading={changing.isPending} disabled={text.trim() === ''}>
              {t('settings.links.add')}
            </Button>
          </Group>
        </form>
        <ProblemAlert error={changing.error} />
        <Loaded query={links} waiting={<Skeleton h={32} />}>
          {(data) => (
            <List
              all={data.links}
              onRemove={(link) => changing.mutate({ text: link, isBlocked: false })}
            />
          )}
        </Loaded>
      </Stack>
    </Section>
  );
}

type ListProps = { all: readonly string[]; onRemove: (link: string) => void };

function List({ all, onRemove }: ListProps) {
  const { t } = useTranslation('admin');
  const [find, setFind] = useState('');
  if (all.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('settings.links.none')}
      </Text>
    );
  }
  const found = all.filter((link) => link.includes(find.trim().toLowerCase()));
  const shown = found.slice(0, shownMax);
  return (
    <Stack gap="sm">
      {all.length > 10 && (
        <TextInput
          type="search"
          aria-label={t('settings.links.find', { count: all.length })}
          placeholder={t('settings.links.find', { count: all.length })}
          value={find}
          onChange={(event) => setFind(event.currentTarget.value)}
        />
      )}
      <Pill.Group>
        {shown.map((link) => (
          <Pill
            key={link}
            size="md"
            withRemoveButton
            onRemove={() => onRemove(link)}
            removeButtonProps={{
              'aria-label': t('settings.links.remove', { link }),
              'aria-hidden': false,
              tabIndex: 0,
            }}
          >
            {link}
          </Pill>
        ))}
      </Pill.Group>
      {shown.length < found.length && (
        <Text size="xs" c="dimmed">
          {t('settings.links.shown', { shown: shown.length, count: found.length })}
        </Text>
      )}
    </Stack>
  );
}

function useChange() {
  const queryClient = useQueryClient();
  const links = adminApi.settings['blocked-links'];
  return useMutation({
    mutationFn: ({ text, isBlocked }: { text: string; isBlocked: boolean }) =>
      isBlocked ? call(links.$post({ json: { text } })) : call(links.$delete({ query: { text } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: linksQuery.queryKey }),
  });
}
