import {
  ActionIcon,
  Anchor,
  Badge,
  Group,
  Menu,
  Stack,
  Switch,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { IconCopy, IconDots, IconEdit } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { showDone, useShowProblem } from '../../kit/problems.ts';
import { plainDecimal } from '../../money.ts';
import classes from './catalog.module.css';
import { marginOf } from './finder.ts';
import { mapService } from './flags-menu.tsx';
import { InlineField } from './inline-field.tsx';
import { type Service, type ServiceChanges, servicesKey, updateService } from './queries.ts';
import { figureProblem } from './service-values.ts';
import { useCatalogChange, useSaveService } from './use-catalog.ts';

type Props = { service: Service };

/** The name, edited in place, and what stands out of a service. */
export function ServiceName({ service }: Props) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { id, name, type, flags, heldRate, offBy } = service;
  const saving = useSaveService();
  return (
    <Stack gap={2} miw={0}>
      <InlineField
        field={t('services.name')}
        name={name}
        value={name}
        isStrong
        check={(text) => (text === '' ? t('services.form.missing') : null)}
        onSave={(text) => saving.mutateAsync({ id, changes: { name: text } })}
      />
      <Group gap={6}>
        <Anchor
          component={Link}
          to={`/admin/services/${id}`}
          size="xs"
          className="figures"
          aria-label={`${id}, ${t('services.edit')}: ${name}`}
        >
          {id}
        </Anchor>
        {type !== 'Default' && (
          <Text size="xs" c="dimmed">
            {type}
          </Text>
        )}
        {flags.includes('hidden') && (
          <Badge size="xs" color="gray" tt="none">
            {t('services.flag.hidden')}
          </Badge>
        )}
        {offBy === 'sync' && (
          <Badge size="xs" color="red" tt="none" className="status">
            {t('services.offBySyncShort')}
          </Badge>
        )}
        {heldRate !== undefined && (
          <Badge size="xs" color="yellow" tt="none" className="status">
            {t('services.priceWaits', { rate: format.amount(heldRate) })}
          </Badge>
        )}
      </Group>
    </Stack>
  );
}

type FigureProps = Props & {
  field: 'rate' | 'min' | 'max';
  /** It stands below its label, not in a column. */
  isStart?: boolean;
};

/** A figure of a service, edited in place. */
export function ServiceFigure({ service, field, isStart = false }: FigureProps) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const saving = useSaveService();
  const value = plainDecimal(String(service[field]));
  const changesOf = (text: string): ServiceChanges =>
    field === 'rate' ? { rate: text } : { [field]: Number(text) };
  return (
    <InlineField
      field={t(`services.${field}`)}
      name={service.name}
      value={value}
      shown={field === 'rate' ? format.amount(value) : format.number(value)}
      isFigure={!isStart}
      inputMode={field === 'rate' ? 'decimal' : 'numeric'}
      check={(text) => figureProblem({ ...service, [field]: text }, field, t)}
      onSave={(text) => saving.mutateAsync({ id: service.id, changes: changesOf(text) })}
    />
  );
}

/** What is left of the price after the first route's cost. */
export function ServiceMargin({ service: { rate, cost } }: Props) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const margin = marginOf(rate, cost);
  if (margin === undefined || cost === undefined) {
    return (
      <Text size="sm" c="dimmed">
        –
      </Text>
    );
  }
  return (
    <>
      <Text
        size="sm"
        className={`figures ${margin < 0 ? classes.loss : ''}`}
        fw={margin < 0 ? 600 : 400}
      >
        {format.percent(margin)}
      </Text>
      <Text size="xs" c="dimmed" className="figures">
        <VisuallyHidden>{t('services.cost')} </VisuallyHidden>
        {format.amount(cost)}
      </Text>
    </>
  );
}

/** Whether it is on sale. */
export function SaleSwitch({ service }: Props) {
  const { t } = useTranslation('admin');
  const change = useCatalogChange();
  const { id, name, offBy } = service;
  return (
    <Switch
      aria-label={t('services.onSaleOf', { name })}
      checked={offBy === undefined}
      onChange={({ currentTarget: { checked } }) =>
        change({
          preview: (catalog) =>
            mapService(catalog, id, ({ offBy: _, ...rest }) =>
              checked ? rest : { ...rest, offBy: 'staff' },
            ),
          run: () => updateService(id, { enabled: checked }),
        })
      }
    />
  );
}

/** What else can be done with a service. */
export function ServiceMenu({ service: { id, name } }: Props) {
  const { t } = useTranslation('admin');
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const duplicating = useMutation({
    mutationFn: () =>
      call(adminApi.services[':serviceId'].duplicate.$post({ param: { serviceId: String(id) } })),
    onSuccess: async (copy) => {
      showDone(t('services.duplicated', { id: copy.id }));
      await queryClient.invalidateQueries({ queryKey: servicesKey });
    },
    onError: showProblem,
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('services.actions', { name })}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          component={Link}
          to={`/admin/services/${id}`}
          leftSection={<IconEdit size={16} aria-hidden />}
        >
          {t('services.edit')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconCopy size={16} aria-hidden />}
          onClick={() => duplicating.mutate()}
        >
          {t('services.duplicate')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
