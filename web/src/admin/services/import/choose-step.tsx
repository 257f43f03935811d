import { Button, Checkbox, Grid, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../../../kit/loaded.tsx';
import { Section } from '../../../kit/section.tsx';
import { ListedServices } from '../listed-services.tsx';
import { CategoryList } from './category-list.tsx';
import { categoriesQuery } from './queries.ts';
import type { useChoice } from './use-choice.ts';

type Choosing = ReturnType<typeof useChoice>;
type Props = {
  provider: { id: number; name: string; currency: string };
  choosing: Choosing;
  onBack: () => void;
  onNext: () => void;
};

/** Everything, or whole categories and single services. */
export function ChooseStep(props: Props) {
  const query = useQuery(categoriesQuery(props.provider.id));
  return (
    <Loaded query={query}>
      {({ categories }) => <Choose {...props} categories={categories} />}
    </Loaded>
  );
}

type Categories = Parameters<typeof CategoryList>[0]['categories'];

function Choose(props: Props & { categories: Categories }) {
  const { t } = useTranslation('admin');
  const { provider, choosing, categories, onBack, onNext } = props;
  const { choice, isEmpty, setAll } = choosing;
  const count = categories.reduce((sum, { services }) => sum + services, 0);
  return (
    <Section
      title={t('services.importing.chooseTitle')}
      description={t('services.importing.stored', { count })}
    >
      <SegmentedControl
        style={{ alignSelf: 'flex-start' }}
        aria-label={t('services.importing.chooseTitle')}
        value={choice.isAll ? 'all' : 'some'}
        onChange={(value) => setAll(value === 'all')}
        data={[
          { value: 'some', label: t('services.importing.some') },
          { value: 'all', label: t('services.importing.all') },
        ]}
      />
      {!choice.isAll && <Some provider={provider} categories={categories} choosing={choosing} />}
      <Group>
        <Button variant="default" onClick={onBack}>
          {t('services.importing.back')}
        </Button>
        <Button onClick={onNext} disabled={isEmpty}>
          {t('services.importing.next')}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {isEmpty && t('services.importing.chooseSome')}
          {!isEmpty &&
            !choice.isAll &&
            t('services.importing.chosen', {
              categories: choice.categories.size,
              services: choice.externalIds.size,
            })}
        </Text>
      </Group>
    </Section>
  );
}

type SomeProps = {
  provider: Props['provider'];
  categories: Categories;
  choosing: Choosing;
};

function Some({ provider, categories, choosing }: SomeProps) {
  const { t } = useTranslation('admin');
  const [shown, setShown] = useState<string>();
  const { choice, toggleCategory, toggleService } = choosing;
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 5 }}>
        <CategoryList
          categories={categories}
          chosen={choice.categories}
          shown={shown}
          onToggle={toggleCategory}
          onShow={setShown}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack gap={4}>
          <ListedServices
            provider={provider}
            {...(shown !== undefined && { category: shown })}
            emptyText={t('services.noMatchText')}
            actionOf={(listed) => {
              const isWhole = choice.categories.has(listed.category);
              return (
                <Group gap="xs" wrap="nowrap">
                  {listed.importedAs !== null && (
                    <Text size="xs" c="dimmed">
                      {t('services.importing.isImported')}
                    </Text>
                  )}
                  <Checkbox
                    aria-label={t('services.choose', { name: listed.name })}
                    checked={isWhole || choice.externalIds.has(listed.externalId)}
                    disabled={isWhole || listed.isMissing}
                    onChange={() => toggleService(listed)}
                  />
                </Group>
              );
            }}
          />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}
