import { Autocomplete, Button, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { type Service, servicesKey } from './queries.ts';

type Props = {
  services: readonly Service[];
  categories: readonly string[];
  isOpen: boolean;
  onClose: () => void;
};

const categoryLettersMax = 200;

/** Moves services to the end of a category, also of a new one. */
export function BulkMove({ services, categories, isOpen, onClose }: Props) {
  const { t } = useTranslation('admin');
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const count = services.length;
  const moving = useMutation({
    mutationFn: (category: { name: string }) =>
      call(
        adminApi.services.move.$post({
          json: { serviceIds: services.map(({ id }) => id), category, beforeId: null },
        }),
      ),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: servicesKey });
      showDone(t('services.bulk.moved', { count }));
      setName('');
      onClose();
    },
  });
  return (
    <Modal opened={isOpen} onClose={onClose} title={t('services.bulk.moveTitle')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          moving.mutate({ name: name.trim() });
        }}
      >
        <Stack gap="md">
          <Autocomplete
            label={t('services.category')}
            description={t('services.bulk.moveHint')}
            data={[...categories]}
            maxLength={categoryLettersMax}
            value={name}
            onChange={setName}
            data-autofocus
            required
          />
          <ProblemAlert error={moving.error} />
          <Button type="submit" loading={moving.isPending} disabled={name.trim() === ''}>
            {t('services.bulk.moveCount', { count })}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
