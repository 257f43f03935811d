import { Anchor, Badge, Group, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import { useAreas } from '../use-areas.ts';
import { ConfirmRestore } from './confirm-restore.tsx';
import { type Health, isFine, judge } from './health.ts';
import type { System } from './queries.ts';

/** Whether the panel does what it should; what does not says what to do about it. */
export function State({ system }: { system: System }) {
  const { t } = useTranslation('admin');
  const healths = judge(system, new Date());
  const isWell = healths.every(isFine);
  const [ill, well] = [healths.filter((health) => !isFine(health)), healths.filter(isFine)];
  return (
    <Section
      title={
        <Group gap="xs">
          {t('system.state.title')}
          <Badge color={isWell ? 'teal' : 'red'} tt="none" className="status">
            {t(isWell ? 'system.state.green' : 'system.state.red')}
          </Badge>
        </Group>
      }
    >
      <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {[...ill, ...well].map((health) => (
          <Line key={health.name} health={health} />
        ))}
      </Stack>
    </Section>
  );
}

function Line({ health }: { health: Health }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { name, word, values } = health;
  const isOk = isFine(health);
  const since = values.since ? format.ago(values.since) : '–';
  const words = `system.state.checks.${name}` as const;
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start" component="li">
      <ThemeIcon size={22} radius="xl" variant="light" color={isOk ? 'teal' : 'red'} mt={2}>
        {isOk ? (
          <IconCheck size={14} aria-label={t('system.state.ok')} />
        ) : (
          <IconAlertTriangle size={14} aria-label={t('system.state.bad')} />
        )}
      </ThemeIcon>
      <Stack gap={0} miw={0}>
        <Text size="sm" fw={isOk ? 400 : 650}>
          {t(`${words}.title`)}
        </Text>
        <Text size="sm" c={isOk ? 'dimmed' : undefined} className="long">
          {String(t(`${words}.${word}` as never, { ...values, since }))}{' '}
          {!isOk && <Way name={name} />}
        </Text>
        {name === 'restore' && !isOk && (
          <Group>
            <ConfirmRestore />
          </Group>
        )}
      </Stack>
    </Group>
  );
}

const ways = {
  books: { to: '/admin/customers', text: 'toCustomers', area: 'customers' },
  unknown: { to: '/admin/queues', text: 'toQueues', area: 'orders' },
  providers: { to: '/admin/providers', text: 'toProviders', area: 'providers' },
  mail: { to: '/admin/settings', text: 'toSettings', area: 'settings' },
} as const;

/** To where it is put right, for who may. */
function Way({ name }: { name: Health['name'] }) {
  const { t } = useTranslation('admin');
  const areas = useAreas();
  const way =
    name === 'books' || name === 'unknown' || name === 'providers' || name === 'mail'
      ? ways[name]
      : undefined;
  if (way === undefined || !areas.has(way.area)) return null;
  return (
    <Anchor component={Link} to={way.to} inherit>
      {t(`system.state.${way.text}`)}
    </Anchor>
  );
}
