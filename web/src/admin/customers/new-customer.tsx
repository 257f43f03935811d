import { Button, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { languages } from '../../i18n.ts';
import { languageNames } from '../../kit/preferences.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { useRefreshCustomers } from './queries.ts';
import { ShownLink } from './shown-link.tsx';

/** Creates a customer; with an e-mail address, also the link that lets them in. */
export function NewCustomer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const refresh = useRefreshCustomers();
  const [made, setMade] = useState<{ id: number; link: string }>();
  const form = useForm({ initialValues: { name: '', email: '', language: 'en' as const } });
  const goTo = (id: number) => void navigate({ to: `/admin/customers/${id}` });
  const making = useMutation({
    mutationFn: ({ name, email, language }: typeof form.values) =>
      call(
        adminApi.customers.$post({
          json: { name, language, ...(email.trim() !== '' && { email: email.trim() }) },
        }),
      ),
    onSuccess: ({ id, link }) => {
      refresh();
      if (link === null) goTo(id);
      else setMade({ id, link });
    },
  });
  if (made) return <ShownLink value={made.link} onClose={() => goTo(made.id)} />;
  return (
    <Modal opened onClose={onClose} title={t('customers.new')}>
      <form onSubmit={form.onSubmit((values) => making.mutate(values))}>
        <Stack gap="md">
          <TextInput
            label={t('customers.name')}
            required
            maxLength={200}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <TextInput
            label={t('customers.email')}
            description={t('customers.emailHint')}
            type="email"
            maxLength={254}
            {...form.getInputProps('email')}
          />
          <Select
            label={t('customers.language')}
            data={languages.map((value) => ({ value, label: languageNames[value] }))}
            allowDeselect={false}
            {...form.getInputProps('language')}
          />
          <ProblemAlert error={making.error} />
          <Button type="submit" loading={making.isPending}>
            {t('customers.create')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
