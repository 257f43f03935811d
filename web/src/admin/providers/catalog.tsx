import { Alert, Anchor, Button, List, Text } from '@mantine/core';
import { IconDownload, IconRefresh } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Facts } from '../../kit/facts.tsx';
import { showDone, useShowProblem } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { useConfirm } from '../orders/confirm.tsx';
import { useAreas } from '../use-areas.ts';
import { type Provider, syncProvider, useRefreshProviders } from './queries.ts';
import { ReasonedButton } from './reasoned-button.tsx';

type LastSync = NonNullable<Provider['lastSync']>;

/** The provider's catalog: fetched anew, imported from, and what the last sync did. */
export function CatalogSection({ provider }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const { lastSync } = provider;
  return (
    <Section
      title={t('providers.catalog')}
      description={t('providers.catalogText')}
      actions={<CatalogActions provider={provider} />}
    >
      {lastSync === null ? (
        <Text size="sm" c="dimmed">
          {t('providers.neverSynced')}
        </Text>
      ) : (
        <Report provider={provider} last={lastSync} />
      )}
    </Section>
  );
}

function CatalogActions({ provider }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const { isPending, mutate } = useSync(provider);
  const mayServices = useAreas().has('services');
  const reason = !mayServices
    ? t('providers.needsServices')
    : provider.hasKey
      ? null
      : t('providers.noKeyText');
  return (
    <>
      <ReasonedButton
        variant="default"
        leftSection={<IconRefresh size={16} aria-hidden />}
        loading={isPending}
        reason={reason}
        onPress={() => mutate(false)}
      >
        {t('providers.syncNow')}
      </ReasonedButton>
      {mayServices && (
        <Button
          leftSection={<IconDownload size={16} aria-hidden />}
          renderRoot={(props) => (
            <Link
              to={'/admin/services/import' as string}
              search={{ provider: provider.id }}
              {...props}
            />
          )}
        >
          {t('providers.importServices')}
        </Button>
      )}
    </>
  );
}

/** What becomes of a sync is read with the provider, also where it failed. */
function useSync(provider: Provider) {
  const { t } = useTranslation('admin');
  const refresh = useRefreshProviders();
  const showProblem = useShowProblem();
  return useMutation({
    mutationFn: (force: boolean) => syncProvider(provider.id, force),
    onSuccess: ({ applied, held }) => showDone(t('providers.synced', { applied, held })),
    onError: showProblem,
    onSettled: () => refresh(),
  });
}

function Report({ provider, last }: { provider: Provider; last: LastSync }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const when = format.moment(last.at);
  if (last.failure !== null) {
    return (
      <Alert color="red" p="sm" title={t('providers.syncFailed')}>
        <Text size="sm" className="long">
          {last.failure}
        </Text>
        <Text size="xs" mt={4}>
          {when}
        </Text>
      </Alert>
    );
  }
  return (
    <>
      <Facts
        label={t('providers.lastSync')}
        facts={[
          [t('providers.lastSync'), when],
          [t('providers.report.listed'), format.number(last.listed)],
          [t('providers.report.followed'), format.number(last.followed)],
          [t('providers.report.applied'), format.number(last.applied)],
          [t('providers.report.held'), <Held key="held" count={last.held} />],
        ]}
      />
      {last.warnings.length > 0 && <Warnings provider={provider} last={last} />}
    </>
  );
}

function Held({ count }: { count: number }) {
  const format = useFormat();
  if (count === 0) return format.number(0);
  return (
    <Anchor
      size="sm"
      renderRoot={(props) => <Link to="/admin/services" search={{ view: 'changes' }} {...props} />}
    >
      {format.number(count)}
    </Anchor>
  );
}

const codes = [
  'unreadable_cost',
  'rate_too_large',
  'bad_bounds',
  'price_held',
  'type_changed',
  'missing',
  'not_returned',
  'removals_held_back',
  'changed_meanwhile',
] as const;

function Warnings({ provider, last }: { provider: Provider; last: LastSync }) {
  const { t } = useTranslation('admin');
  const { warnings, warningCount } = last;
  const rest = warningCount - warnings.length;
  const wordsOf = (code: string) => {
    const known = codes.find((each) => each === code);
    return known === undefined ? code : t(`providers.syncCodes.${known}`);
  };
  const isHeldBack = warnings.some(({ code }) => code === 'removals_held_back');
  return (
    <Alert color="yellow" p="sm" title={t('providers.syncWarnings', { count: warningCount })}>
      <List size="sm">
        {warnings.map(({ code, serviceId, service }) => (
          <List.Item key={`${serviceId} ${code}`} className="long">
            {serviceId !== null && (
              <Anchor
                size="sm"
                renderRoot={(props) => <Link to={`/admin/services/${serviceId}`} {...props} />}
              >
                {`${serviceId} · ${service ?? ''}`}
              </Anchor>
            )}{' '}
            {wordsOf(code)}
          </List.Item>
        ))}
      </List>
      {rest > 0 && (
        <Text size="sm" mt={4}>
          {t('providers.moreNotes', { count: rest })}
        </Text>
      )}
      {isHeldBack && <Force provider={provider} />}
    </Alert>
  );
}

/** Takes off sale what is gone, although that is most of the catalog; asks first. */
function Force({ provider }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const confirm = useConfirm();
  const { isPending, mutate } = useSync(provider);
  return (
    <Button
      color="red.9"
      size="compact-md"
      mt="xs"
      loading={isPending}
      onClick={() =>
        confirm({
          title: t('providers.forceTitle'),
          lines: [t('providers.forceText')],
          confirm: t('providers.force'),
          isDangerous: true,
          onConfirm: () => mutate(true),
        })
      }
    >
      {t('providers.force')}
    </Button>
  );
}
