import { Grid, Stack, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../../kit/loaded.tsx';
import { Page } from '../../kit/page.tsx';
import { BalanceSection } from './balance.tsx';
import { DepositForm } from './deposit-form.tsx';
import { OpenPayments } from './open-payments.tsx';
import { PaymentPanel } from './payment-panel.tsx';
import { Payments } from './payments.tsx';
import { fundsQuery, type Payment } from './queries.ts';
import { type FundsSearch, readFundsSearch } from './search.ts';
import { Statement } from './statement.tsx';
import type { DepositStart } from './use-deposit.ts';

/** The customer's money: what there is, how more comes in, where it went. */
export default function FundsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = readFundsSearch(useSearch({ strict: false }));
  const funds = useQuery(fundsQuery);
  // Another key is another form.
  const [form, setForm] = useState<{ key: number; start: DepositStart }>({ key: 0, start: {} });
  const change = (next: FundsSearch) =>
    void navigate({ to: '/funds', search: readFundsSearch(next), replace: true });
  const { payment, result, ...rest } = search;
  const show = (paymentId: number) => {
    void navigate({ to: '/funds', search: { ...rest, payment: String(paymentId) } });
    window.scrollTo({ top: 0 });
  };
  const started = (paymentId: number) => {
    setForm({ key: form.key + 1, start: {} });
    show(paymentId);
  };
  const payAgain = ({ methodId, amount }: Payment) => {
    setForm({ key: form.key + 1, start: { methodId, amount } });
    change(rest);
  };
  return (
    <Page title={t('funds.title')} description={t('funds.description')}>
      {payment !== undefined && (
        <PaymentPanel
          key={payment}
          paymentId={payment}
          isCanceled={result === 'canceled'}
          onClose={() => change(rest)}
          onAgain={payAgain}
        />
      )}
      <Loaded query={funds}>
        {(data) => (
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, md: 5 }} order={{ base: 1, md: 2 }}>
              <Stack gap="lg">
                <BalanceSection funds={data} />
                <OpenPayments shown={payment} onShow={show} />
              </Stack>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 7 }} order={{ base: 2, md: 1 }}>
              <DepositForm key={form.key} funds={data} start={form.start} onStarted={started} />
            </Grid.Col>
          </Grid>
        )}
      </Loaded>
      <Tabs
        value={search.view ?? 'statement'}
        keepMounted={false}
        onChange={(view) => {
          const { view: _, ...others } = search;
          change(view === 'payments' ? { ...others, view } : others);
        }}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="statement">{t('funds.statement')}</Tabs.Tab>
          <Tabs.Tab value="payments">{t('funds.payments')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="statement">
          <Statement search={search} onChange={change} onShow={show} />
        </Tabs.Panel>
        <Tabs.Panel value="payments">
          <Payments onShow={show} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
