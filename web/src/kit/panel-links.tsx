import { Anchor, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePanel } from '../session.ts';
import { LinkedText } from './linked-text.tsx';

/** How the operator is reached, and what holds between them and the customer; empty without. */
export function PanelLinks({ withPriceList = false }: { withPriceList?: boolean }) {
  const { t } = useTranslation();
  const { panel } = usePanel();
  const hasPriceList = withPriceList && panel.isPriceListPublic;
  if (panel.contact === '' && !panel.hasTerms && !hasPriceList) return null;
  return (
    <Group gap="4px 16px" fz="xs" c="dimmed">
      {panel.contact !== '' && (
        <Text inherit className="long" style={{ whiteSpace: 'pre-line' }}>
          {t('nav.contact')} <LinkedText text={panel.contact} />
        </Text>
      )}
      {hasPriceList && (
        <Anchor component={Link} to="/price-list" inherit>
          {t('services.publicTitle')}
        </Anchor>
      )}
      {panel.hasTerms && (
        <Anchor component={Link} to="/terms" inherit>
          {t('signIn.termsTitle')}
        </Anchor>
      )}
    </Group>
  );
}
