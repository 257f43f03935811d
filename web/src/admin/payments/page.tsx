import { Badge, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../../kit/page.tsx';
import { TabList } from '../../kit/tab-list.tsx';
import { PaymentDrawer } from './drawer.tsx';
import { PaymentFilters } from './filters.tsx';
import { PaymentList } from './list.tsx';
import { Methods } from './methods.tsx';
import { waitingQuery } from './queries.ts';
import { type PaymentSearch, readPaymentSearch } from './search.ts';
import { Strays } from './strays.tsx';

const tabs = ['payments', 'methods', 'strays'] as const;

/** Money that comes in: payments, ways to pay, reports of payments nobody knows. */
export default function PaymentsPage() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const given: Record<string, unknown> = useSearch({ strict: false });
  const tab = tabs.find((each) => each === given.tab) ?? 'payments';
  const waiting = useQuery(waitingQuery);
  const counts = {
    payments: waiting.data?.payments ?? 0,
    methods: 0,
    strays: waiting.data?.strays,
  };
  const go = (search: object) =>
    void navigate({ to: '/admin/payments', search: search as never, replace: true });
  return (
    <Page title={t('payments.title')} description={t('payments.description')}>
      <Tabs
        value={tab}
        onChange={(next) => go(next === 'payments' ? {} : { tab: next })}
        keepMounted={false}
      >
        <TabList shown={tab} mb="lg">
          {tabs.map((each) => (
            <Tabs.Tab
              key={each}
              value={each}
              rightSection={
                (counts[each] ?? 0) > 0 && (
                  <Badge
                    size="sm"
                    color="yellow"
                    miw="max-content"
                    className="status"
                    aria-label={t('payments.waiting', { count: counts[each] ?? 0 })}
                  >
                    {counts[each]}
                  </Badge>
                )
              }
            >
              {t(`payments.tabs.${each}`)}
            </Tabs.Tab>
          ))}
        </TabList>
        <Tabs.Panel value="payments">
          <Payments search={readPaymentSearch(given)} onChange={go} />
        </Tabs.Panel>
        <Tabs.Panel value="methods">
          <Methods />
        </Tabs.Panel>
        <Tabs.Panel value="strays">
          <Strays />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

type Props = { search: PaymentSearch; onChange: (next: PaymentSearch) => void };

function Payments({ search, onChange }: Props) {
  const { payment, ...filters } = search;
  return (
    <>
      <PaymentFilters search={filters} onChange={onChange} />
      <PaymentList
        search={filters}
        onOpen={(id) => onChange({ ...filters, payment: id })}
        onClear={() => onChange({})}
      />
      <PaymentDrawer id={payment} onClose={() => onChange(filters)} />
    </>
  );
}
