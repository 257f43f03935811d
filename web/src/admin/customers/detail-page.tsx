import { Group, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../api/client.ts';
import { BackLink } from '../../kit/back-link.tsx';
import { ErrorState } from '../../kit/error-state.tsx';
import { NotFound } from '../../kit/not-found.tsx';
import { Page } from '../../kit/page.tsx';
import { PageSkeleton } from '../../kit/page-skeleton.tsx';
import { TabList } from '../../kit/tab-list.tsx';
import { CustomerPayments } from '../payments/customer-payments.tsx';
import { CustomerActions } from './actions.tsx';
import { Calls } from './calls.tsx';
import { Keys } from './keys.tsx';
import { Overview } from './overview.tsx';
import { Prices } from './prices.tsx';
import { type Customer, customerQuery } from './queries.ts';
import { Statement } from './statement.tsx';
import { CustomerStatus } from './status.tsx';

const tabs = ['overview', 'statement', 'prices', 'keys', 'calls', 'payments'] as const;
type Tab = (typeof tabs)[number];

/** One customer with all that staff do for them. */
export default function CustomerPage() {
  const { customerId = '' }: { customerId?: string } = useParams({ strict: false });
  const { data: customer, error, refetch } = useQuery(customerQuery(Number(customerId)));
  if (customer !== undefined) return <Shown customer={customer} />;
  if (error === null) return <PageSkeleton />;
  const isUnknown = error instanceof Problem && ['not_found', 'invalid_input'].includes(error.code);
  return isUnknown ? <NotFound /> : <ErrorState error={error} reset={() => void refetch()} />;
}

function Shown({ customer }: { customer: Customer }) {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const { tab: asked }: { tab?: string } = useSearch({ strict: false });
  const tab = tabs.find((each) => each === asked) ?? 'overview';
  const open = (next: string | null) =>
    void navigate({
      to: `/admin/customers/${customer.id}`,
      search: next === 'overview' || next === null ? {} : { tab: next },
      replace: true,
    });
  return (
    <Page
      title={customer.name}
      description={
        <Group component="span" gap="xs">
          <CustomerStatus status={customer.status} />
          <Text span size="sm" c="dimmed" className="long">
            {t('customers.number', { id: customer.id })}
            {customer.email !== null && ` · ${customer.email}`}
          </Text>
        </Group>
      }
      actions={
        <>
          <BackLink to="/admin/customers" label={t('customers.back')} />
          <CustomerActions customer={customer} />
        </>
      }
    >
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <TabList shown={tab} mb="lg">
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`customers.tabs.${each}`)}
            </Tabs.Tab>
          ))}
        </TabList>
        <Tabs.Panel value={tab}>
          <Panel tab={tab} customer={customer} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Panel({ tab, customer }: { tab: Tab; customer: Customer }) {
  switch (tab) {
    case 'overview':
      return <Overview customer={customer} />;
    case 'statement':
      return <Statement customerId={customer.id} />;
    case 'prices':
      return <Prices customer={customer} />;
    case 'keys':
      return <Keys customer={customer} />;
    case 'calls':
      return <Calls customer={customer} />;
    case 'payments':
      return <CustomerPayments customerId={customer.id} />;
  }
}
