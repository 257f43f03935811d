import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../kit/empty-state.tsx';
import { useAreas } from '../use-areas.ts';
import { PaymentDrawer } from './drawer.tsx';
import { PaymentList } from './list.tsx';

/** The payments of one customer. */
export function CustomerPayments({ customerId }: { customerId: number }) {
  const { t } = useTranslation('admin');
  const [open, setOpen] = useState<number>();
  if (!useAreas().has('payments')) {
    return (
      <EmptyState
        icon={IconLock}
        title={t('payments.locked')}
        text={t('customers.needsPayments')}
      />
    );
  }
  return (
    <>
      <PaymentList search={{ customer: customerId }} onOpen={setOpen} />
      <PaymentDrawer id={open} onClose={() => setOpen(undefined)} />
    </>
  );
}
