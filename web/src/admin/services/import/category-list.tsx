import {
  Box,
  Checkbox,
  Group,
  ScrollArea,
  Stack,
  Text,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from '../catalog.module.css';
import type { ListedCategory } from './queries.ts';

type Props = {
  categories: readonly ListedCategory[];
  chosen: ReadonlySet<string>;
  /** Whose services are listed; undefined: those of all. */
  shown: string | undefined;
  onToggle: (name: string) => void;
  onShow: (name: string | undefined) => void;
};

/** The categories of a provider: chosen whole, or looked into. */
export function CategoryList({ categories, chosen, shown, onToggle, onShow }: Props) {
  const { t } = useTranslation('admin');
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLocaleLowerCase();
  const found = categories.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  return (
    <Stack gap="sm">
      <TextInput
        type="search"
        label={t('services.importing.searchCategory')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ScrollArea.Autosize mah={340} type="auto" className={classes.preview}>
        <Box component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
          {found.map((category) => (
            <CategoryRow
              key={category.name}
              category={category}
              isChosen={chosen.has(category.name)}
              isShown={shown === category.name}
              onToggle={() => onToggle(category.name)}
              onShow={() => onShow(shown === category.name ? undefined : category.name)}
            />
          ))}
        </Box>
        {found.length === 0 && (
          <Text size="sm" c="dimmed" p="md" ta="center">
            {t('services.routes.noResult')}
          </Text>
        )}
      </ScrollArea.Autosize>
    </Stack>
  );
}

type RowProps = {
  category: ListedCategory;
  isChosen: boolean;
  isShown: boolean;
  onToggle: () => void;
  onShow: () => void;
};

function CategoryRow({ category, isChosen, isShown, onToggle, onShow }: RowProps) {
  const { t } = useTranslation('admin');
  const { name, services, imported } = category;
  return (
    <Group
      component="li"
      wrap="nowrap"
      gap="sm"
      px="sm"
      py={8}
      className={classes.listed}
      data-shown={isShown}
    >
      <Checkbox
        aria-label={t('services.chooseCategory', { name })}
        checked={isChosen}
        onChange={onToggle}
      />
      <UnstyledButton flex={1} miw={0} onClick={onShow} aria-pressed={isShown}>
        <Text size="sm" className="long" fw={isShown ? 600 : 400}>
          {name}
        </Text>
        <Text size="xs" c="dimmed">
          {t('services.importing.servicesIn', { count: services })}
          {imported > 0 && ` · ${t('services.importing.imported', { count: imported })}`}
        </Text>
      </UnstyledButton>
    </Group>
  );
}
