import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { BackLink } from '../../kit/back-link.tsx';
import { Page } from '../../kit/page.tsx';
import { showDone } from '../../kit/problems.ts';
import { servicesKey } from './queries.ts';
import { ServiceForm } from './service-form.tsx';
import { inputOf, newService, type ServiceValues } from './service-values.ts';

/** A service made by hand. Its page, where its routes are set, comes next. */
export default function NewServicePage() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const create = async (values: ServiceValues) => {
    const { id } = await call(adminApi.services.$post({ json: inputOf(values) }));
    showDone(t('services.created', { id }));
    await queryClient.invalidateQueries({ queryKey: servicesKey });
    await navigate({ to: `/admin/services/${id}` as string });
  };
  return (
    <Page
      title={t('services.add')}
      description={t('services.form.newText')}
      actions={<BackLink to="/admin/services" label={t('services.back')} />}
    >
      <ServiceForm
        initial={newService}
        submitText={t('services.form.create')}
        isNew
        onSubmit={create}
      />
    </Page>
  );
}
