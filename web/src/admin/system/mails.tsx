import { Button, Stack, Tabs, Text } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { usePages } from '../../kit/pages.ts';
import { showDone, useShowProblem } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { mailsKey, type OutboxMail, type System, systemQuery } from './queries.ts';

const states = ['waiting', 'failed'] as const;
type MailState = (typeof states)[number];

/** What was not sent: it waits, or was given up. */
export function Mails({ mails }: { mails: System['mails'] }) {
  const { t } = useTranslation('admin');
  const [state, setState] = useState<MailState>('waiting');
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const retrying = useMutation({
    mutationFn: () => call(adminApi.system.mails.retry.$post()),
    onSuccess: ({ mails: count }) => {
      showDone(t('system.mails.retried', { count }));
      return Promise.all([
        queryClient.invalidateQueries({ queryKey: mailsKey }),
        queryClient.invalidateQueries({ queryKey: systemQuery.queryKey }),
      ]);
    },
    onError: showProblem,
  });
  const retry = mails.retrying > 0 && (
    <Button
      variant="default"
      size="xs"
      loading={retrying.isPending}
      onClick={() => retrying.mutate()}
    >
      {t('system.mails.retry')}
    </Button>
  );
  return (
    <Section title={t('system.mails.title')} actions={retry}>
      <Tabs
        value={state}
        onChange={(value) => setState(states.find((each) => each === value) ?? 'waiting')}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {states.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`system.mails.${each}`, { count: mails[each] })}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {states.map((each) => (
          <Tabs.Panel key={each} value={each}>
            <MailList state={each} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Section>
  );
}

function MailList({ state }: { state: MailState }) {
  const { t, i18n } = useTranslation('admin');
  const format = useFormat();
  const kindText = (kind: string) => {
    const key = `system.mails.kinds.${kind}`;
    return i18n.exists(key, { ns: 'admin' }) ? String(t(key as never)) : kind;
  };
  const pages = usePages<OutboxMail>([...mailsKey, state], (cursor) =>
    call(adminApi.system.mails.$get({ query: { state, ...(cursor && { cursor }) } })),
  );
  const isWaiting = state === 'waiting';
  return (
    <DataList<OutboxMail>
      label={t('system.mails.title')}
      keyOf={({ id }) => String(id)}
      empty={
        <EmptyState
          icon={IconMail}
          title={t(isWaiting ? 'system.mails.noneWaiting' : 'system.mails.noneFailed')}
        />
      }
      columns={[
        {
          key: 'recipient',
          label: t('system.mails.recipient'),
          render: ({ recipient, error }) => (
            <Stack gap={2}>
              <Text size="sm">{recipient}</Text>
              {error !== '' && (
                <Text size="xs" className="loss long">
                  {error}
                </Text>
              )}
            </Stack>
          ),
        },
        { key: 'kind', label: t('system.mails.kind'), render: ({ kind }) => kindText(kind) },
        {
          key: 'tries',
          label: t('system.mails.tries'),
          isFigure: true,
          render: ({ tries }) => format.number(tries),
        },
        {
          key: 'when',
          label: t(isWaiting ? 'system.mails.due' : 'system.mails.gaveUp'),
          isFigure: true,
          render: ({ dueAt, givenUpAt }) => {
            const at = dueAt ?? givenUpAt;
            return at === null ? '–' : format.ago(at);
          },
        },
      ]}
      {...pages}
    />
  );
}
