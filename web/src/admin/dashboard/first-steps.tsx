import { Anchor, Group, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Section } from '../../kit/section.tsx';
import { useAreas } from '../use-areas.ts';
import type { Figures } from './queries.ts';

const steps = [
  { name: 'settings', to: '/admin/settings', area: 'settings' },
  { name: 'provider', to: '/admin/providers', area: 'providers' },
  { name: 'services', to: '/admin/services/import', area: 'services' },
  { name: 'payments', to: '/admin/payments?tab=methods', area: 'settings' },
  { name: 'customers', to: '/admin/customers', area: 'customers' },
] as const;

/** What makes a new panel one that sells, and what of it is done. */
export default function FirstSteps({ done }: { done: Figures['steps'] }) {
  const { t } = useTranslation('admin');
  const areas = useAreas();
  return (
    <Section title={t('dashboard.firstSteps')} description={t('dashboard.firstStepsText')}>
      <Stack gap="sm" component="ol" p={0} m={0} style={{ listStyle: 'none' }}>
        {steps.map(({ name, to, area }, at) => (
          <Group key={name} component="li" gap="sm" wrap="nowrap">
            <ThemeIcon
              size={28}
              radius="xl"
              variant={done[name] ? 'filled' : 'light'}
              color={done[name] ? 'teal.9' : 'gray'}
            >
              {done[name] ? (
                <IconCheck size={16} aria-label={t('dashboard.stepDone')} />
              ) : (
                <Text span size="sm" className="figures">
                  {at + 1}
                </Text>
              )}
            </ThemeIcon>
            {areas.has(area) ? (
              <Anchor
                size="sm"
                {...(done[name] && { c: 'dimmed' })}
                renderRoot={(props) => <Link to={to as string} {...props} />}
              >
                {t(`dashboard.steps.${name}`)}
              </Anchor>
            ) : (
              <Text size="sm" c="dimmed">
                {t(`dashboard.steps.${name}`)}
              </Text>
            )}
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
