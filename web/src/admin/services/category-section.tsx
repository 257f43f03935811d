import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Modal,
  Paper,
  Stack,
  Text,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronRight, IconPencil } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import classes from './catalog.module.css';
import type { Choice } from './choice.ts';
import { DragHandle, useDragged } from './drag.tsx';
import { LazyRows } from './lazy-rows.tsx';
import { type Category, servicesKey } from './queries.ts';

type Props = {
  category: Category;
  isOpen: boolean;
  onToggle: () => void;
  choice: Choice;
  isWide: boolean;
  /** Why nothing can be dragged: a part of the list is not shown. */
  isFixed: boolean;
};

/** A category with its services, closed until they are wanted. */
export function CategorySection(props: Props) {
  const { t } = useTranslation('admin');
  const { category, isOpen, onToggle, choice, isWide, isFixed } = props;
  const { id, name, services } = category;
  const { row, handle } = useDragged(`c${id}`, {
    isDisabled: isFixed,
    hasRows: isOpen && services.length > 0,
  });
  const [isRenaming, renaming] = useDisclosure();
  return (
    <Paper {...row} className={`surface ${row.className}`} component="section">
      <Group
        gap="xs"
        wrap="nowrap"
        className={`${classes.header} ${isOpen ? classes.headerOpen : ''}`}
      >
        <DragHandle label={t('services.moveCategory', { name })} handle={handle} />
        <ChooseCategory category={category} choice={choice} />
        <UnstyledButton className={classes.toggle} onClick={onToggle} aria-expanded={isOpen}>
          <Group gap="xs" wrap="nowrap">
            <IconChevronRight
              size={16}
              className={classes.chevron}
              data-open={isOpen}
              aria-hidden
            />
            <Text fw={600} className="long">
              {name}
            </Text>
            <Text size="sm" c="dimmed" className="figures">
              {services.length}
            </Text>
          </Group>
        </UnstyledButton>
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={renaming.open}
          aria-label={`${t('services.renameCategory')}: ${name}`}
        >
          <IconPencil size={16} aria-hidden />
        </ActionIcon>
      </Group>
      {isOpen && (
        <LazyRows
          label={name}
          services={services}
          choice={choice}
          isWide={isWide}
          isFixed={isFixed}
        />
      )}
      <Modal opened={isRenaming} onClose={renaming.close} title={t('services.renameCategory')}>
        <RenameForm category={category} onDone={renaming.close} />
      </Modal>
    </Paper>
  );
}

function ChooseCategory({ category, choice }: { category: Category; choice: Choice }) {
  const { t } = useTranslation('admin');
  const ids = category.services.map(({ id }) => id);
  const count = ids.filter((id) => choice.chosen.has(id)).length;
  return (
    <Checkbox
      aria-label={t('services.chooseCategory', { name: category.name })}
      disabled={ids.length === 0}
      checked={count > 0 && count === ids.length}
      indeterminate={count > 0 && count < ids.length}
      onChange={({ currentTarget }) => choice.choose(ids, currentTarget.checked)}
    />
  );
}

function RenameForm({ category, onDone }: { category: Category; onDone: () => void }) {
  const { t } = useTranslation('admin');
  const { t: shared } = useTranslation();
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { name: category.name } });
  const renaming = useMutation({
    mutationFn: (json: { name: string }) =>
      call(
        adminApi.categories[':categoryId'].$patch({
          param: { categoryId: String(category.id) },
          json,
        }),
      ),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: servicesKey });
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => renaming.mutate(values))}>
      <Stack gap="md">
        <TextInput
          label={t('services.name')}
          required
          maxLength={200}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <ProblemAlert error={renaming.error} />
        <Button type="submit" loading={renaming.isPending}>
          {shared('states.save')}
        </Button>
      </Stack>
    </form>
  );
}
