import { Anchor, List } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Section } from '../../kit/section.tsx';

const steps = [
  { name: 'settings', to: '/admin/settings' },
  { name: 'provider', to: '/admin/providers' },
  { name: 'services', to: '/admin/services/import' },
  { name: 'payments', to: '/admin/payments' },
  { name: 'customers', to: '/admin/customers' },
] as const;

/** What makes a new panel one that sells. */
export function FirstSteps() {
  const { t } = useTranslation('admin');
  return (
    <Section title={t('dashboard.firstSteps')} description={t('dashboard.firstStepsText')}>
      <List type="ordered" spacing="xs" size="sm">
        {steps.map(({ name, to }) => (
          <List.Item key={name}>
            <Anchor size="sm" renderRoot={(props) => <Link to={to} {...props} />}>
              {t(`dashboard.steps.${name}`)}
            </Anchor>
          </List.Item>
        ))}
      </List>
    </Section>
  );
}
