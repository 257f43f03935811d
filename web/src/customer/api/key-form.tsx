import { Button, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { readAddresses } from './addresses.ts';
import { keysQuery } from './queries.ts';

type Props = { isOpen: boolean; onClose: () => void; onCreated: (key: string) => void };

/** Makes a key. */
export function KeyForm({ isOpen, onClose, onCreated }: Props) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { name: '', addresses: '' } });
  const making = useMutation({
    mutationFn: ({ name, addresses }: typeof form.values) =>
      call(customerApi.keys.$post({ json: { name, allowedAddresses: readAddresses(addresses) } })),
    onSuccess: async ({ key }) => {
      onClose();
      form.reset();
      onCreated(key);
      await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });
    },
  });
  return (
    <Modal opened={isOpen} onClose={onClose} title={t('api.newKey')}>
      <form onSubmit={form.onSubmit((values) => making.mutate(values))}>
        <Stack gap="md">
          <TextInput
            label={t('api.name')}
            description={t('api.nameHint')}
            required
            maxLength={100}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Textarea
            label={t('api.addresses')}
            description={t('api.addressesHint')}
            autosize
            minRows={2}
            {...form.getInputProps('addresses')}
          />
          <ProblemAlert error={making.error} />
          <Button type="submit" loading={making.isPending}>
            {t('api.newKey')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
