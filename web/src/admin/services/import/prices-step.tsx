import { Alert, Autocomplete, Button, Checkbox, Group, SimpleGrid, Skeleton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  keepPreviousData,
  skipToken,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../../../kit/problem-alert.tsx';
import { Section } from '../../../kit/section.tsx';
import { noMarkup, useMarkup } from '../markup.ts';
import { MarkupFields } from '../markup-fields.tsx';
import { servicesKey } from '../queries.ts';
import { PreviewList } from './preview-list.tsx';
import { type ImportInput, previewImport, type Report, runImport } from './queries.ts';
import { type Choice, toNames } from './use-choice.ts';
import { WarningList } from './warning-list.tsx';

const typingPauseMs = 350;
const usualMarkup = { ...noMarkup, percent: '30', step: '0.01' };

type Props = {
  provider: { id: number; name: string; currency: string };
  choice: Choice;
  /** Of this panel, to put them into. */
  categories: readonly string[];
  onBack: () => void;
  onDone: (report: Report) => void;
};

/** At what prices, and where to: with all that would come of it. */
export function PricesStep({ provider, choice, categories, onBack, onDone }: Props) {
  const { t } = useTranslation('admin');
  const form = useMarkup(usualMarkup, { isSigned: false });
  const [category, setCategory] = useState('');
  const [updatesMarkup, setUpdatesMarkup] = useState(false);
  const { markup } = form;
  const input = useMemo(
    () =>
      markup && {
        ...toNames(choice),
        ...(category.trim() !== '' && { category: category.trim() }),
        markupBasisPoints: markup.basisPoints,
        markupFixed: markup.fixed,
        rateStep: markup.step,
        rateMin: markup.min,
        updatesMarkup,
      },
    [choice, category, markup, updatesMarkup],
  );
  const { preview, isNewest, running } = useImport(provider.id, input, onDone);
  const created = preview.data?.created ?? 0;
  const existing = preview.data?.existing ?? 0;
  const isSomething = created > 0 || (updatesMarkup && existing > 0);
  return (
    <>
      <Section title={t('services.importing.steps.prices')}>
        <MarkupFields form={form} />
        <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'end' }}>
          <Autocomplete
            label={t('services.importing.target')}
            description={t('services.importing.targetHint')}
            placeholder={t('services.importing.targetNone')}
            maxLength={200}
            data={[...categories]}
            value={category}
            onChange={setCategory}
          />
          {existing > 0 && (
            <Checkbox
              mb={8}
              label={t('services.importing.updates')}
              checked={updatesMarkup}
              onChange={(event) => setUpdatesMarkup(event.currentTarget.checked)}
            />
          )}
        </SimpleGrid>
      </Section>
      <Section title={t('services.importing.previewTitle')}>
        {preview.data && (
          <>
            <PreviewList preview={preview.data} currency={provider.currency} />
            <WarningList warnings={preview.data.warnings} />
          </>
        )}
        {!preview.data && !preview.error && <Skeleton h={200} />}
        <ProblemAlert error={running.error ?? preview.error} />
        {preview.data && !isSomething && (
          <Alert color="gray" p="sm">
            {t('services.importing.nothingNew')}
          </Alert>
        )}
        <Group>
          <Button variant="default" onClick={onBack} disabled={running.isPending}>
            {t('services.importing.back')}
          </Button>
          <Button
            disabled={!isSomething || !isNewest}
            loading={running.isPending}
            onClick={() => input && running.mutate(input)}
          >
            {created > 0
              ? t('services.importing.run', { count: created })
              : t('services.importing.runUpdate')}
          </Button>
        </Group>
      </Section>
    </>
  );
}

/** What an import would do now, and doing it. */
function useImport(
  providerId: number,
  input: ImportInput | undefined,
  onDone: (report: Report) => void,
) {
  const queryClient = useQueryClient();
  const [wanted] = useDebouncedValue(input, typingPauseMs);
  const preview = useQuery({
    queryKey: ['admin', 'import-preview', providerId, wanted],
    queryFn: wanted ? () => previewImport(providerId, wanted) : skipToken,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const running = useMutation({
    mutationFn: (json: ImportInput) => runImport(providerId, json),
    onSuccess: async (report) => {
      await queryClient.invalidateQueries({ queryKey: servicesKey });
      onDone(report);
    },
  });
  const isNewest = input !== undefined && wanted === input && !preview.isPlaceholderData;
  return { preview, running, isNewest };
}
