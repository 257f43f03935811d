import { SortableContext, verticalListSortingStrategy } from '@dnd-kit/sortable';
import {
  Box,
  Button,
  Center,
  Checkbox,
  Group,
  Paper,
  SimpleGrid,
  Stack,
  Table,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './catalog.module.css';
import type { Choice } from './choice.ts';
import { DragHandle, useDragged } from './drag.tsx';
import { FlagsMenu } from './flags-menu.tsx';
import type { Service } from './queries.ts';
import {
  SaleSwitch,
  ServiceFigure,
  ServiceMargin,
  ServiceMenu,
  ServiceName,
} from './service-parts.tsx';

/** What is drawn at once of a category: 10,000 rows of fields would be slow. */
export const rowsAtOnce = 50;

export type RowsProps = {
  label: string;
  services: readonly Service[];
  choice: Choice;
  isWide: boolean;
  isFixed: boolean;
};

type Counted = { count: number; onCount: (count: number) => void };

/** The services of a category: a table where there is room, cards on a phone. */
export function ServiceRows({ count, onCount, ...props }: RowsProps & Counted) {
  const { t } = useTranslation('admin');
  const { services, isWide } = props;
  const shown = services.slice(0, count);
  const rest = services.length - shown.length;
  return (
    <SortableContext items={shown.map(({ id }) => `s${id}`)} strategy={verticalListSortingStrategy}>
      {isWide ? <WideRows {...props} services={shown} /> : <Cards {...props} services={shown} />}
      {rest > 0 && (
        <Center p="sm">
          <Button variant="default" size="xs" onClick={() => onCount(count + rowsAtOnce)}>
            {t('services.moreRows', { count: Math.min(rest, rowsAtOnce) })}
          </Button>
        </Center>
      )}
    </SortableContext>
  );
}

const columns = [
  { key: 'name', isFigure: false },
  { key: 'rate', isFigure: true, width: 104 },
  { key: 'min', isFigure: true, width: 84 },
  { key: 'max', isFigure: true, width: 104 },
  { key: 'margin', isFigure: true, width: 88 },
  { key: 'flags', isFigure: false, width: 236 },
  { key: 'onSale', isFigure: false, width: 84 },
] as const;

function WideRows({ label, services, choice, isFixed }: RowsProps) {
  const { t } = useTranslation('admin');
  return (
    <Table.ScrollContainer minWidth={900} type="native">
      <Table
        aria-label={label}
        {...(classes.table && { className: classes.table })}
        verticalSpacing={6}
        horizontalSpacing="xs"
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={76}>
              <VisuallyHidden>{t('services.choose', { name: '' })}</VisuallyHidden>
            </Table.Th>
            {columns.map(({ key, isFigure, ...column }) => (
              <Table.Th
                key={key}
                ta={isFigure ? 'right' : 'left'}
                {...('width' in column && { w: column.width })}
              >
                {t(`services.${key}`)}
              </Table.Th>
            ))}
            <Table.Th w={52}>
              <VisuallyHidden>{t('services.actions', { name: '' })}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {services.map((service) => (
            <WideRow
              key={service.id}
              service={service}
              isChosen={choice.chosen.has(service.id)}
              choose={choice.choose}
              isFixed={isFixed}
            />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

type ChooseProps = { service: Service; isChosen: boolean; choose: Choice['choose'] };
type RowProps = ChooseProps & { isFixed: boolean };

/** Drawn anew only when something of it changes: there may be hundreds. */
const WideRow = memo(function WideRow({ service, isFixed, ...choosing }: RowProps) {
  const { t } = useTranslation('admin');
  const { row, handle } = useDragged(`s${service.id}`, { isDisabled: isFixed });
  return (
    <Table.Tr {...row}>
      <Table.Td>
        <Group gap={4} wrap="nowrap">
          <DragHandle label={t('services.move', { name: service.name })} handle={handle} />
          <Choose service={service} {...choosing} />
        </Group>
      </Table.Td>
      <Table.Td>
        <ServiceName service={service} />
      </Table.Td>
      {(['rate', 'min', 'max'] as const).map((field) => (
        <Table.Td key={field} ta="right">
          <ServiceFigure service={service} field={field} />
        </Table.Td>
      ))}
      <Table.Td ta="right">
        <ServiceMargin service={service} />
      </Table.Td>
      <Table.Td>
        <FlagsMenu service={service} />
      </Table.Td>
      <Table.Td>
        <SaleSwitch service={service} />
      </Table.Td>
      <Table.Td>
        <ServiceMenu service={service} />
      </Table.Td>
    </Table.Tr>
  );
});

function Cards({ label, services, choice, isFixed }: RowsProps) {
  return (
    <Stack gap={0} component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={label}>
      {services.map((service) => (
        <Card
          key={service.id}
          service={service}
          isChosen={choice.chosen.has(service.id)}
          choose={choice.choose}
          isFixed={isFixed}
        />
      ))}
    </Stack>
  );
}

const Card = memo(function Card({ service, isFixed, ...choosing }: RowProps) {
  const { t } = useTranslation('admin');
  const { row, handle } = useDragged(`s${service.id}`, { isDisabled: isFixed });
  return (
    <Paper
      component="li"
      p="sm"
      radius={0}
      bg="transparent"
      ref={row.ref}
      style={row.style}
      className={`${classes.listed} ${row.className}`}
    >
      <Group align="flex-start" wrap="nowrap" gap="xs">
        <Choose service={service} {...choosing} />
        <Stack gap={6} flex={1} miw={0}>
          <ServiceName service={service} />
          <SimpleGrid cols={4} spacing="xs">
            {(['rate', 'min', 'max'] as const).map((field) => (
              <Box key={field} miw={0}>
                <Text size="xs" c="dimmed">
                  {t(`services.${field}`)}
                </Text>
                <ServiceFigure service={service} field={field} isStart />
              </Box>
            ))}
            <Box miw={0}>
              <Text size="xs" c="dimmed">
                {t('services.margin')}
              </Text>
              <ServiceMargin service={service} />
            </Box>
          </SimpleGrid>
          <FlagsMenu service={service} />
        </Stack>
        <Stack gap="xs" align="center">
          <SaleSwitch service={service} />
          <ServiceMenu service={service} />
          <DragHandle label={t('services.move', { name: service.name })} handle={handle} />
        </Stack>
      </Group>
    </Paper>
  );
});

function Choose({ service: { id, name }, isChosen, choose }: ChooseProps) {
  const { t } = useTranslation('admin');
  return (
    <Checkbox
      aria-label={t('services.choose', { name })}
      checked={isChosen}
      onChange={({ currentTarget }) => choose([id], currentTarget.checked)}
    />
  );
}
