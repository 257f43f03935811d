import { Button, Stack, Stepper, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BackLink } from '../../../kit/back-link.tsx';
import { EmptyState } from '../../../kit/empty-state.tsx';
import { Loaded } from '../../../kit/loaded.tsx';
import { Page } from '../../../kit/page.tsx';
import { type Catalog, catalogQuery } from '../queries.ts';
import { ChooseStep } from './choose-step.tsx';
import { PricesStep } from './prices-step.tsx';
import { ProviderStep } from './provider-step.tsx';
import type { Report } from './queries.ts';
import { ResultStep } from './result-step.tsx';
import { useChoice } from './use-choice.ts';

const steps = ['provider', 'choose', 'prices', 'result'] as const;

/** Makes services from what a provider sells, in four steps. */
export default function ImportPage() {
  const { t } = useTranslation('admin');
  const query = useQuery(catalogQuery);
  return (
    <Page
      title={t('services.importing.title')}
      description={t('services.importing.description')}
      actions={<BackLink to="/admin/services" label={t('services.back')} />}
    >
      <Loaded query={query}>{(catalog) => <Wizard catalog={catalog} />}</Loaded>
    </Page>
  );
}

function Wizard({ catalog: { providers, categories } }: { catalog: Catalog }) {
  const navigate = useNavigate();
  const given: { provider?: string | number } = useSearch({ strict: false });
  const [step, setStep] = useState(0);
  const [report, setReport] = useState<Report>();
  const choosing = useChoice();
  const provider =
    providers.find(({ id }) => String(id) === String(given.provider)) ?? providers[0];
  if (provider === undefined) return <NoProviders />;
  const choose = (id: number) => {
    choosing.reset();
    void navigate({ to: '/admin/services/import' as string, search: { provider: id } });
  };
  const finish = (done: Report) => {
    setReport(done);
    setStep(3);
  };
  const again = () => {
    choosing.reset();
    setReport(undefined);
    setStep(0);
  };
  return (
    <Stack gap="lg">
      <Progress step={step} onStep={report === undefined ? setStep : undefined} />
      {step === 0 && (
        <ProviderStep
          providers={providers}
          provider={provider}
          onChoose={choose}
          onNext={() => setStep(1)}
        />
      )}
      {step === 1 && (
        <ChooseStep
          key={provider.id}
          provider={provider}
          choosing={choosing}
          onBack={() => setStep(0)}
          onNext={() => setStep(2)}
        />
      )}
      {step === 2 && (
        <PricesStep
          provider={provider}
          choice={choosing.choice}
          categories={categories.map(({ name }) => name)}
          onBack={() => setStep(1)}
          onDone={finish}
        />
      )}
      {step === 3 && report && <ResultStep provider={provider} report={report} onAgain={again} />}
    </Stack>
  );
}

type ProgressProps = { step: number; onStep: ((step: number) => void) | undefined };

/** Where one is; back to an earlier step by its name. */
function Progress({ step, onStep }: ProgressProps) {
  const { t } = useTranslation('admin');
  const isWide = useMediaQuery('(min-width: 48em)', undefined, { getInitialValueInEffect: false });
  const name = steps[step] ?? 'provider';
  if (!isWide) {
    return (
      <Text size="sm" c="dimmed" role="status">
        {t('services.importing.step', { step: step + 1, count: steps.length })} ·{' '}
        <Text span fw={600} c="var(--mantine-color-text)">
          {t(`services.importing.steps.${name}`)}
        </Text>
      </Text>
    );
  }
  return (
    <Stepper active={step} size="sm" {...(onStep && { onStepClick: onStep })}>
      {steps.map((each, index) => (
        <Stepper.Step
          key={each}
          label={t(`services.importing.steps.${each}`)}
          allowStepSelect={onStep !== undefined && index < step}
        />
      ))}
    </Stepper>
  );
}

function NoProviders() {
  const { t } = useTranslation('admin');
  return (
    <EmptyState
      title={t('services.importing.noProviders')}
      text={t('services.importing.noProvidersText')}
      action={
        <Button
          mt="xs"
          renderRoot={(props) => <Link to={'/admin/providers' as string} {...props} />}
        >
          {t('services.importing.toProviders')}
        </Button>
      }
    />
  );
}
