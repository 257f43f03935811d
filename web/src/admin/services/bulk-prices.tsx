import {
  Box,
  Button,
  Input,
  Modal,
  ScrollArea,
  SegmentedControl,
  Skeleton,
  Stack,
  Table,
  Text,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  keepPreviousData,
  skipToken,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { InferRequestType, InferResponseType } from 'hono/client';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import classes from './catalog.module.css';
import { noMarkup, useMarkup } from './markup.ts';
import { MarkupFields } from './markup-fields.tsx';
import { type Service, servicesKey } from './queries.ts';
import { changeOf, ShareText } from './share-text.tsx';

const typingPauseMs = 350;
const rowsShown = 100;

type Base = 'rate' | 'cost';
type Plan = InferResponseType<typeof adminApi.services.prices.preview.$post, 200>;
type PriceChange = InferRequestType<typeof adminApi.services.prices.$post>['json']['change'];
type PlannedRow = Plan['rows'][number];
type Props = { services: readonly Service[]; isOpen: boolean; onClose: () => void };

/** Changes many prices by one rule, with every price before and after while one types. */
export function BulkPrices({ services, isOpen, onClose }: Props) {
  const { t } = useTranslation('admin');
  return (
    <Modal opened={isOpen} onClose={onClose} size="xl" title={t('services.prices.title')}>
      <PricesForm services={services} onClose={onClose} />
    </Modal>
  );
}

function PricesForm({ services, onClose }: Omit<Props, 'isOpen'>) {
  const { t } = useTranslation('admin');
  const [base, setBase] = useState<Base>('rate');
  const form = useMarkup(noMarkup, { isSigned: base === 'rate' });
  const { plan, applying, change } = usePlan(services, { base, form, onClose });
  const rows = plan.data?.rows ?? [];
  const count = rows.filter(isChanging).length;
  return (
    <Stack gap="md">
      <Input.Wrapper
        label={t('services.prices.base')}
        labelElement="div"
        description={t(`services.prices.${base}Hint`)}
        inputWrapperOrder={['label', 'input', 'description']}
      >
        <Box my={4}>
          <SegmentedControl
            aria-label={t('services.prices.base')}
            value={base}
            onChange={(value) => setBase(value === 'cost' ? 'cost' : 'rate')}
            data={[
              { value: 'rate', label: t('services.prices.baseRate') },
              { value: 'cost', label: t('services.prices.baseCost') },
            ]}
          />
        </Box>
      </Input.Wrapper>
      <MarkupFields form={form} />
      <Box mih={120} aria-busy={plan.isFetching} aria-live="polite">
        <PlanTable rows={rows} isReady={plan.data !== undefined} />
      </Box>
      <ProblemAlert error={applying.error ?? plan.error} />
      <Button
        onClick={() => plan.data && change && applying.mutate({ change, basis: plan.data.basis })}
        disabled={count === 0 || plan.isPlaceholderData || change === undefined}
        loading={applying.isPending}
      >
        {count === 0 ? t('services.prices.none') : t('services.prices.apply', { count })}
      </Button>
    </Stack>
  );
}

type PlanOptions = { base: Base; form: ReturnType<typeof useMarkup>; onClose: () => void };

/** What the form would do now, and doing exactly that. */
function usePlan(services: readonly Service[], { base, form, onClose }: PlanOptions) {
  const { t } = useTranslation('admin');
  const queryClient = useQueryClient();
  const { markup } = form;
  const typed = useMemo(() => markup && { base, ...markup }, [base, markup]);
  const [change] = useDebouncedValue(typed, typingPauseMs);
  const serviceIds = services.map(({ id }) => id);
  const queryKey = ['admin', 'service-prices', serviceIds, change];
  const plan = useQuery({
    queryKey,
    queryFn: change
      ? () => call(adminApi.services.prices.preview.$post({ json: { serviceIds, change } }))
      : skipToken,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const applying = useMutation({
    mutationFn: (json: { change: PriceChange; basis: string }) =>
      call(adminApi.services.prices.$post({ json: { serviceIds, ...json } })),
    onSuccess: async ({ changed }) => {
      await queryClient.invalidateQueries({ queryKey: servicesKey });
      showDone(t('services.bulk.changed', { count: changed }));
      onClose();
    },
    onError: () => queryClient.invalidateQueries({ queryKey }),
  });
  // What is still being typed is not what was previewed.
  return { plan, applying, change: typed === change ? change : undefined };
}

function PlanTable({ rows, isReady }: { rows: readonly PlannedRow[]; isReady: boolean }) {
  const { t } = useTranslation('admin');
  const shown = useMemo(() => rows.toSorted(byInterest).slice(0, rowsShown), [rows]);
  if (!isReady) return <Skeleton h={120} />;
  return (
    <ScrollArea.Autosize
      mah={320}
      type="auto"
      className={classes.preview}
      viewportProps={{ tabIndex: 0 }}
    >
      <Table
        aria-label={t('services.prices.preview')}
        verticalSpacing={6}
        horizontalSpacing="xs"
        stickyHeader
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="50%">{t('services.waiting.service')}</Table.Th>
            <Table.Th ta="right">{t('services.prices.before')}</Table.Th>
            <Table.Th ta="right">{t('services.prices.after')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((row) => (
            <PlanRow key={row.serviceId} row={row} />
          ))}
        </Table.Tbody>
      </Table>
      {rows.length > shown.length && (
        <Text size="xs" c="dimmed" p="xs">
          {t('services.bulk.andMore', { count: rows.length - shown.length })}
        </Text>
      )}
    </ScrollArea.Autosize>
  );
}

function PlanRow({ row }: { row: PlannedRow }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { name, before, after, warning } = row;
  return (
    <Table.Tr>
      <Table.Td className="long">
        <Text size="sm" {...(!isChanging(row) && { c: 'dimmed' })}>
          {name}
        </Text>
        {warning && (
          <Text size="xs" className={classes.note ?? ''}>
            {t(`services.prices.skipped.${warning}`)}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right" className="figures">
        {format.amount(before)}
      </Table.Td>
      <Table.Td ta="right" className="figures">
        {isChanging(row) && after !== null ? (
          <>
            <Text span size="sm" fw={600}>
              {format.amount(after)}
            </Text>{' '}
            <span className={classes.share}>
              <ShareText share={changeOf(before, after)} />
            </span>
          </>
        ) : (
          '–'
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function isChanging({ before, after }: PlannedRow): boolean {
  return after !== null && after !== before;
}

/** What changes comes first, then what can't be changed. */
function byInterest(one: PlannedRow, other: PlannedRow): number {
  return interestOf(one) - interestOf(other);
}

function interestOf(row: PlannedRow): number {
  if (isChanging(row)) return 0;
  return row.warning === null ? 2 : 1;
}
