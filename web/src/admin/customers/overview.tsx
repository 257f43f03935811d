import { Alert, Anchor, Button, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { type Fact, Facts } from '../../kit/facts.tsx';
import { languageNames } from '../../kit/preferences.tsx';
import { Section } from '../../kit/section.tsx';
import { useAreas } from '../use-areas.ts';
import { Login } from './login.tsx';
import { MoneyStopped } from './money-stopped.tsx';
import type { Customer } from './queries.ts';
import { Terms } from './terms.tsx';

/** What a customer has, what is under way, on which terms, and who signs in. */
export function Overview({ customer }: { customer: Customer }) {
  return (
    <Stack gap="lg">
      <MoneyStopped customer={customer} />
      <Suspension customer={customer} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Stack gap="lg">
          <Wallet customer={customer} />
          <Login customer={customer} />
        </Stack>
        <Terms key={JSON.stringify(termsOf(customer))} customer={customer} />
      </SimpleGrid>
    </Stack>
  );
}

/** What the form of terms begins with; another one when somebody else changed it. */
function termsOf({ name, discountBasisPoints, creditLimit, callsPerSecondMax }: Customer) {
  return [name, discountBasisPoints, creditLimit, callsPerSecondMax];
}

function Suspension({ customer: { status, suspendedBy, suspensionNote } }: { customer: Customer }) {
  const { t } = useTranslation('admin');
  if (status === 'active') return null;
  const isDispute = suspendedBy === 'dispute';
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title={t(isDispute ? 'customers.byDispute' : 'customers.byStaff')}
    >
      <Text size="sm" className="long">
        {isDispute ? t('customers.byDisputeText') : suspensionNote || t('customers.noReason')}
      </Text>
    </Alert>
  );
}

function Wallet({ customer }: { customer: Customer }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const areas = useAreas();
  const { balance, creditLimit, activity, createdAt, language, timeZone } = customer;
  const { running, openRefills, openCancels, lastOrderAt } = activity;
  const facts: (Fact | false)[] = [
    [t('customers.creditLimit'), format.money(creditLimit)],
    [t('customers.transfers'), format.number(customer.transfers)],
    [t('customers.running'), format.number(running)],
    [t('customers.openRefills'), format.number(openRefills)],
    [t('customers.openCancels'), format.number(openCancels)],
    [t('customers.lastOrder'), lastOrderAt === null ? '–' : format.ago(lastOrderAt)],
    [t('customers.since'), format.day(createdAt)],
    [t('customers.language'), languageNames[language]],
    [t('customers.timeZone'), timeZone],
  ];
  return (
    <Section
      title={t('customers.balance')}
      actions={
        areas.has('orders') && (
          <Button
            variant="subtle"
            size="compact-sm"
            renderRoot={(props) => (
              <Link to="/admin/orders" search={{ customer: customer.id } as never} {...props} />
            )}
          >
            {t('customers.toOrders')}
          </Button>
        )
      }
    >
      <Text fw={650} className={`headline tall figures ${balance.startsWith('-') ? 'loss' : ''}`}>
        {format.money(balance)}
      </Text>
      <Facts label={t('customers.balance')} facts={facts} />
      {customer.prices.length > 0 && (
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link
              to={`/admin/customers/${customer.id}`}
              search={{ tab: 'prices' } as never}
              {...props}
            />
          )}
        >
          {t('customers.ownPrices', { count: customer.prices.length })}
        </Anchor>
      )}
    </Section>
  );
}
