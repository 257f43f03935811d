import { Badge, Button, Group, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { useTranslation } from 'react-i18next';
import { accountApi, call } from '../api/client.ts';
import { useFormat } from '../format.ts';
import { DataList } from '../kit/data-list.tsx';
import { useShowProblem } from '../kit/problems.ts';
import { Section } from '../kit/section.tsx';
import { nameDevice } from './device.ts';
import { sessionsQuery } from './queries.ts';

type Session = InferResponseType<typeof accountApi.sessions.$get, 200>['sessions'][number];

/** Where the user is signed in, each of which can be ended. */
export function Sessions() {
  const { t } = useTranslation();
  const format = useFormat();
  const sessions = useQuery(sessionsQuery);
  const ending = useEnd();
  const others = (
    <Button
      variant="default"
      size="xs"
      disabled={(sessions.data?.sessions.length ?? 0) < 2}
      onClick={() => ending.mutate('others')}
    >
      {t('account.endOthers')}
    </Button>
  );
  return (
    <Section title={t('account.sessions')} description={t('account.sessionsText')} actions={others}>
      <DataList<Session>
        label={t('account.sessions')}
        rows={sessions.data?.sessions}
        keyOf={(session) => session.id}
        error={sessions.error}
        onRetry={() => void sessions.refetch()}
        empty={null}
        columns={[
          {
            key: 'device',
            label: t('account.device'),
            render: (session) => (
              <Group gap="xs">
                <Text size="sm">{nameDevice(session.userAgent)}</Text>
                {session.isCurrent && (
                  <Badge color="teal" tt="none">
                    {t('account.thisOne')}
                  </Badge>
                )}
              </Group>
            ),
          },
          { key: 'address', label: t('account.address'), render: (session) => session.address },
          {
            key: 'since',
            label: t('account.signedIn'),
            render: (session) => format.moment(session.createdAt),
          },
          {
            key: 'end',
            label: t('account.end'),
            isActions: true,
            render: (session) =>
              !session.isCurrent && (
                <Button
                  variant="subtle"
                  color="red"
                  size="compact-sm"
                  onClick={() => ending.mutate(session.id)}
                >
                  {t('account.end')}
                </Button>
              ),
          },
        ]}
      />
    </Section>
  );
}

function useEnd() {
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  return useMutation({
    mutationFn: (id: string) =>
      id === 'others'
        ? call(accountApi.sessions.$delete())
        : call(accountApi.sessions[':id'].$delete({ param: { id } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
    onError: showProblem,
  });
}
