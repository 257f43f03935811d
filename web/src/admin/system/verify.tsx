import { Alert, Button, Group, Progress, Skeleton, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { Loaded } from '../../kit/loaded.tsx';
import { useShowProblem } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { useActorText } from '../actor-text.ts';
import { type Run, verifyQuery } from './queries.ts';
import { VerifyResult } from './verify-result.tsx';

/** Starts `verify`, shows how far it is, and keeps what the last one found. */
export function Verify() {
  const { t } = useTranslation('admin');
  const verify = useQuery(verifyQuery);
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const starting = useMutation({
    mutationFn: () => call(adminApi.system.verify.$post()),
    onError: showProblem,
    onSettled: () => queryClient.invalidateQueries({ queryKey: verifyQuery.queryKey }),
  });
  const start = (
    <Button loading={starting.isPending} onClick={() => starting.mutate()}>
      {t('system.verify.start')}
    </Button>
  );
  return (
    <Section title={t('system.verify.title')} description={t('system.verify.text')}>
      <Loaded query={verify} waiting={<Skeleton h={48} />}>
        {({ running, last }) => (
          <Stack gap="md">
            {running ? <Running run={running} /> : <Group>{start}</Group>}
            {last && <Last run={last} />}
            {!running && !last && (
              <Text size="sm" c="dimmed">
                {t('system.verify.never')}
              </Text>
            )}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

function Running({ run }: { run: Run }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const actorText = useActorText();
  const { done, total, startedBy } = run;
  // `check` is the one that has just begun, after `done` others.
  const step = Math.min(done + 1, total);
  const text =
    total === 0 ? t('system.verify.starting') : t('system.verify.progress', { step, total });
  return (
    <Stack gap={6} role="status">
      <Progress.Root size="lg">
        <Progress.Section
          value={total === 0 ? 0 : (done / total) * 100}
          aria-label={t('system.verify.title')}
          animated
        />
      </Progress.Root>
      <Text size="sm" className="figures long">
        {text} {run.check && `· ${run.check}`}
      </Text>
      <Text size="xs" c="dimmed">
        {t('system.verify.running', {
          who: actorText(startedBy),
          since: format.ago(run.startedAt),
        })}
      </Text>
    </Stack>
  );
}

function Last({ run }: { run: Run }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const actorText = useActorText();
  const { state, brokenCount, failure, checked, startedBy, finishedAt, startedAt } = run;
  const isClean = state === 'finished' && brokenCount === 0;
  const text =
    state === 'finished'
      ? t(isClean ? 'system.verify.ok' : 'system.verify.broken', {
          checks: checked.length,
          count: brokenCount,
        })
      : t(state === 'failed' ? 'system.verify.failed' : 'system.verify.interrupted', { failure });
  return (
    <Stack gap="sm">
      <Alert color={isClean ? 'teal' : 'red'} p="sm">
        <Text size="sm" fw={600} className="long">
          {text}
        </Text>
        <Text size="xs">
          {t('system.verify.when', {
            who: actorText(startedBy),
            since: format.ago(finishedAt ?? startedAt),
          })}
        </Text>
        {brokenCount > 0 && (
          <Text size="sm" mt="xs">
            {t('system.verify.advice')}
          </Text>
        )}
      </Alert>
      {state === 'finished' && <VerifyResult run={run} />}
    </Stack>
  );
}
