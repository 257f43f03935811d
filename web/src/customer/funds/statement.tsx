import { Anchor, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconDownload, IconReceipt } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { usePages } from '../../kit/pages.ts';
import type { StatementLine } from './queries.ts';
import { exportAddress, type FundsSearch, statementFilter, statementKinds } from './search.ts';

type Props = {
  search: FundsSearch;
  onChange: (search: FundsSearch) => void;
  onShow: (paymentId: number) => void;
};

/** All that changed the balance: found by kind and day, and as a file. */
export function Statement({ search, onChange, onShow }: Props) {
  const { t } = useTranslation();
  const columns = useColumns(onShow);
  const filter = statementFilter(search);
  const pages = usePages<StatementLine>(['funds', 'statement', filter], (cursor) =>
    call(
      customerApi.funds.statement.$get({
        query: { ...filter, ...(cursor !== undefined && { cursor }) },
      }),
    ),
  );
  return (
    <Stack gap="md">
      <Filters search={search} onChange={onChange} />
      <DataList<StatementLine>
        label={t('funds.statement')}
        columns={columns}
        keyOf={({ number }) => String(number)}
        empty={<NoLines isFiltered={Object.keys(filter).length > 0} />}
        {...pages}
      />
    </Stack>
  );
}

function NoLines({ isFiltered }: { isFiltered: boolean }) {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={IconReceipt}
      title={t(isFiltered ? 'funds.noneSuch' : 'funds.noLines')}
      text={t(isFiltered ? 'funds.noneSuchText' : 'funds.noLinesText')}
    />
  );
}

function Filters({ search, onChange }: Pick<Props, 'search' | 'onChange'>) {
  const { t } = useTranslation();
  const change = (changes: Partial<Record<keyof FundsSearch, string | undefined>>) =>
    onChange({ ...search, ...changes } as FundsSearch); // the page reads what is put there here
  return (
    <Group gap="sm" align="flex-end">
      <Select
        flex="1 1 180px"
        label={t('funds.kind')}
        placeholder={t('states.all')}
        data={statementKinds.map((value) => ({ value, label: t(`funds.kinds.${value}`) }))}
        value={search.kind ?? null}
        onChange={(kind) => change({ kind: kind ?? undefined })}
        clearable
        clearButtonProps={{ 'aria-label': t('orders.clearFilter') }}
      />
      <TextInput
        flex="1 1 140px"
        type="date"
        label={t('funds.from')}
        value={search.from ?? ''}
        max={search.to}
        onChange={(event) => change({ from: event.currentTarget.value || undefined })}
      />
      <TextInput
        flex="1 1 140px"
        type="date"
        label={t('funds.to')}
        value={search.to ?? ''}
        min={search.from}
        onChange={(event) => change({ to: event.currentTarget.value || undefined })}
      />
      <Button
        component="a"
        href={exportAddress(search)}
        download
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
      >
        {t('orders.export')}
      </Button>
    </Group>
  );
}

function useColumns(onShow: (paymentId: number) => void): Column<StatementLine>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      key: 'cause',
      label: t('funds.cause'),
      render: (line) => <Cause line={line} onShow={onShow} />,
    },
    {
      key: 'time',
      label: t('funds.time'),
      width: 210,
      render: ({ createdAt }) => (
        <Text span size="sm" c="dimmed" className="figures one-line">
          {format.moment(createdAt)}
        </Text>
      ),
    },
    {
      key: 'change',
      label: t('funds.change'),
      isFigure: true,
      width: 160,
      render: ({ change }) => {
        const isLoss = change.startsWith('-');
        const text = format.money(change.replace('-', ''));
        return (
          <Text span size="sm" fw={600} {...(!isLoss && { c: 'var(--gain)' })}>
            {isLoss ? `−${text}` : `+${text}`}
          </Text>
        );
      },
    },
    {
      key: 'balance',
      label: t('funds.balanceAfter'),
      isFigure: true,
      width: 160,
      render: ({ balanceAfter }) => format.money(balanceAfter),
    },
  ];
}

function Cause({ line, onShow }: { line: StatementLine; onShow: (paymentId: number) => void }) {
  const { t } = useTranslation();
  const { cause, order, payment, reason } = line;
  return (
    <Stack gap={2} align="flex-start">
      <Group gap={6}>
        <Text size="sm" fw={500}>
          {t(`funds.causes.${cause}`)}
        </Text>
        {order !== null && (
          <Anchor component={Link} to={`/orders/${order}`} size="sm" className="figures">
            {t('orders.one', { id: order })}
          </Anchor>
        )}
        {payment !== null && (
          <Anchor component="button" type="button" size="sm" onClick={() => onShow(payment)}>
            {t('funds.payment', { id: payment })}
          </Anchor>
        )}
      </Group>
      {reason !== '' && (
        <Text size="xs" c="dimmed" className="long">
          {reason}
        </Text>
      )}
    </Stack>
  );
}
