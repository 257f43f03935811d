import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { showDone } from '../../kit/problems.ts';
import { ProviderForm } from './provider-form.tsx';
import { changesOf, type ProviderValues, valuesOf } from './provider-values.ts';
import { changeProvider, type Provider, useRefreshProviders } from './queries.ts';

/** What a provider is set to. */
export function ProviderSettings({ provider }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const refresh = useRefreshProviders();
  // As it was when the form was filled: what colleagues change meanwhile is not undone.
  const [initial, setInitial] = useState(() => valuesOf(provider));
  const save = async (values: ProviderValues) => {
    await changeProvider(provider.id, changesOf(initial, values));
    setInitial({ ...values, key: '' });
    showDone(t('providers.saved'));
    await refresh();
  };
  return (
    <ProviderForm
      initial={initial}
      submitText={words('states.save')}
      isNew={false}
      hasKey={provider.hasKey}
      onSubmit={save}
    />
  );
}
