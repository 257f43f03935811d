import { Anchor, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePanel } from '../session.ts';
import { LinkedText } from './linked-text.tsx';
import { useOwnWords } from './own-words.ts';

/** How the operator is reached, and what holds between them and the customer; empty without. */
export function PanelLinks({ withPriceList = false }: { withPriceList?: boolean }) {
  const { t } = useTranslation();
  const { panel } = usePanel();
  const contact = useOwnWords()(panel.contact, panel.contactZh);
  const hasPriceList = withPriceList && panel.isPriceListPublic;
  if (contact === '' && !panel.hasTerms && !hasPriceList) return null;
  return (
    <Group gap="4px 16px" fz="xs" c="dimmed">
      {contact !== '' && (
        <Text inherit className="long" style={{ whiteSpace: 'pre-line' }}>
          {t('nav.contact')} <LinkedText text={contact} />
        </Text>
      )}
      {hasPriceList && (
        <Anchor component={Link} to="/price-list" inherit>
          {t('nav.priceList')}
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
