import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { BackLink } from '../../kit/back-link.tsx';
import { Page } from '../../kit/page.tsx';
import { showDone } from '../../kit/problems.ts';
import { usePanel } from '../../session.ts';
import { ProviderForm } from './provider-form.tsx';
import { inputOf, newProvider, type ProviderValues } from './provider-values.ts';
import { addProvider, useRefreshProviders } from './queries.ts';

/** Adds a provider. Its page comes next, where it can be tried and imported from. */
export default function NewProviderPage() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const refresh = useRefreshProviders();
  const { panel } = usePanel();
  const add = async (values: ProviderValues) => {
    const { id } = await addProvider(inputOf(values));
    showDone(t('providers.added'));
    await refresh();
    await navigate({ to: `/admin/providers/${id}` as string, search: { tab: 'catalog' } });
  };
  return (
    <Page
      title={t('providers.add')}
      description={t('providers.addText')}
      actions={<BackLink to="/admin/providers" label={t('providers.back')} />}
    >
      <ProviderForm
        initial={newProvider(panel.currency)}
        submitText={t('providers.add')}
        isNew
        onSubmit={add}
      />
    </Page>
  );
}
