import { Badge, Button, Checkbox, Group, Popover, Stack, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './catalog.module.css';
import type { Catalog, Flag, Service } from './queries.ts';
import { updateService } from './queries.ts';
import { canDripFeed } from './types.ts';
import { useCatalogChange } from './use-catalog.ts';

export const flagNames = ['refill', 'cancel', 'dripfeed', 'denyDuplicates', 'hidden'] as const;

/** The options of a service, switched where they stand. */
export function FlagsMenu({ service }: { service: Service }) {
  const { t } = useTranslation('admin');
  const change = useCatalogChange();
  const { id, name, flags, type } = service;
  const toggle = (flag: Flag, isOn: boolean) => {
    const next = isOn ? [...flags, flag] : flags.filter((other) => other !== flag);
    change({
      preview: (catalog) => withFlags(catalog, id, next),
      run: () => updateService(id, { [flag]: isOn }),
    });
  };
  const shown = flags.filter((flag) => flag !== 'hidden');
  return (
    <Popover position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          px={4}
          ml={-4}
          className={classes.flags ?? ''}
        >
          <Group gap={4}>
            {shown.length === 0 && '–'}
            {shown.map((flag) => (
              <Badge key={flag} color="gray" tt="none" size="sm">
                {t(`services.flag.${flag}`)}
              </Badge>
            ))}
            <VisuallyHidden>{t('services.editFlags', { name })}</VisuallyHidden>
          </Group>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          {flagNames.map((flag) => (
            <Checkbox
              key={flag}
              label={t(`services.flag.${flag}`)}
              description={t(`services.flagHint.${flag}`)}
              checked={flags.includes(flag)}
              disabled={flag === 'dripfeed' && !canDripFeed(type)}
              onChange={(event) => toggle(flag, event.currentTarget.checked)}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function withFlags(catalog: Catalog, id: number, flags: Flag[]): Catalog {
  return mapService(catalog, id, (service) => ({ ...service, flags }));
}

/** The catalog with one service changed. */
export function mapService(
  catalog: Catalog,
  id: number,
  map: (service: Service) => Service,
): Catalog {
  const categories = catalog.categories.map((category) =>
    category.services.some((service) => service.id === id)
      ? {
          ...category,
          services: category.services.map((each) => (each.id === id ? map(each) : each)),
        }
      : category,
  );
  return { ...catalog, categories };
}
