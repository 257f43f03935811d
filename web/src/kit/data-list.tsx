import {
  Box,
  Button,
  Center,
  Checkbox,
  Group,
  Paper,
  Skeleton,
  Stack,
  Table,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from './error-state.tsx';

export type Column<Row> = {
  key: string;
  label: string;
  render: (row: Row) => ReactNode;
  /** Figures stand to the right. */
  isFigure?: boolean;
  width?: number | string;
  /** On a phone the first column is a card's heading; this one is left out there. */
  isWideOnly?: boolean;
  /** Buttons: their label is for screen readers, and on a phone they have a line of their own. */
  isActions?: boolean;
};

export type Selection = { chosen: ReadonlySet<string>; onChange: (chosen: Set<string>) => void };

type Props<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  /** Undefined while they are on their way. */
  rows: readonly Row[] | undefined;
  keyOf: (row: Row) => string;
  /** Why there are no rows; rows that are there stay whatever comes. */
  error?: unknown;
  onRetry?: () => void;
  empty: ReactNode;
  onOpen?: (row: Row) => void;
  selection?: Selection;
  /** Fetches the next page; undefined when this is the last. */
  onMore?: (() => void) | undefined;
  isMoreLoading?: boolean;
};

const skeletonRows = 6;

/** A list of records: a table where there is room, cards on a phone. Paged by "more". */
export function DataList<Row>(props: Props<Row>) {
  const isWide = useMediaQuery('(min-width: 48em)', undefined, { getInitialValueInEffect: false });
  const { rows, error, onRetry, empty, onMore } = props;
  if (rows === undefined) {
    if (!error) return <ListSkeleton />;
    return <ErrorState error={error} {...(onRetry && { reset: onRetry })} />;
  }
  // A page may be empty where others follow.
  if (rows.length === 0 && onMore === undefined) return <Paper className="surface">{empty}</Paper>;
  return (
    <Stack gap="md">
      {isWide ? <WideList {...props} rows={rows} /> : <Cards {...props} rows={rows} />}
      <More {...props} />
    </Stack>
  );
}

function ListSkeleton() {
  return (
    <Paper className="surface" p="md" aria-busy="true">
      <Stack gap="sm">
        {Array.from({ length: skeletonRows }, (_, row) => row).map((row) => (
          <Skeleton key={row} h={32} />
        ))}
      </Stack>
    </Paper>
  );
}

function More<Row>({ onMore, isMoreLoading }: Props<Row>) {
  const { t } = useTranslation();
  if (onMore === undefined) return null;
  return (
    <Center>
      <Button variant="default" onClick={onMore} loading={isMoreLoading ?? false}>
        {t('states.more')}
      </Button>
    </Center>
  );
}

function WideList<Row>(props: Props<Row> & { rows: readonly Row[] }) {
  const { columns, rows, keyOf, onOpen, selection, label } = props;
  return (
    <Paper className="surface" style={{ overflow: 'hidden' }}>
      <Table.ScrollContainer minWidth={640} type="native">
        <Table highlightOnHover aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              {selection && (
                <Table.Th w={40}>
                  <ChooseAll {...props} selection={selection} />
                </Table.Th>
              )}
              {columns.map((column) => (
                <Table.Th key={column.key} w={column.width} ta={sideOf(column)}>
                  {column.isActions ? (
                    <VisuallyHidden>{column.label}</VisuallyHidden>
                  ) : (
                    column.label
                  )}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr
                key={keyOf(row)}
                {...(onOpen && { onClick: () => onOpen(row), style: { cursor: 'pointer' } })}
              >
                {selection && (
                  <Table.Td onClick={(event) => event.stopPropagation()}>
                    <Choose {...props} selection={selection} id={keyOf(row)} />
                  </Table.Td>
                )}
                {columns.map((column) => (
                  <Table.Td
                    key={column.key}
                    ta={sideOf(column)}
                    className={column.isFigure ? 'figures' : 'long'}
                  >
                    {column.render(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

function Cards<Row>(props: Props<Row> & { rows: readonly Row[] }) {
  const { columns, rows, keyOf, onOpen, selection, label } = props;
  const [heading, ...others] = columns.filter((column) => !column.isWideOnly);
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={label}>
      {rows.map((row) => (
        <Paper key={keyOf(row)} className="surface" p="md" component="li">
          <Group align="flex-start" wrap="nowrap" gap="sm">
            {selection && <Choose {...props} selection={selection} id={keyOf(row)} />}
            <Stack gap={6} flex={1} miw={0} {...(onOpen && { onClick: () => onOpen(row) })}>
              <Box className="long">{heading?.render(row)}</Box>
              {others.map((column) =>
                column.isActions ? (
                  <Group key={column.key} justify="flex-end">
                    {column.render(row)}
                  </Group>
                ) : (
                  <CardLine key={column.key} column={column} row={row} />
                ),
              )}
            </Stack>
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}

function ChooseAll<Row>({ rows = [], keyOf, selection }: Props<Row> & { selection: Selection }) {
  const { t } = useTranslation();
  const ids = rows.map(keyOf);
  const count = ids.filter((id) => selection.chosen.has(id)).length;
  return (
    <Checkbox
      aria-label={t('states.chooseAll')}
      checked={count === ids.length}
      indeterminate={count > 0 && count < ids.length}
      onChange={({ currentTarget }) =>
        selection.onChange(new Set(currentTarget.checked ? ids : []))
      }
    />
  );
}

function Choose<Row>({ selection, id }: Props<Row> & { selection: Selection; id: string }) {
  const { t } = useTranslation();
  return (
    <Checkbox
      aria-label={t('states.choose', { id })}
      checked={selection.chosen.has(id)}
      onChange={({ currentTarget }) => {
        const chosen = new Set(selection.chosen);
        if (currentTarget.checked) chosen.add(id);
        else chosen.delete(id);
        selection.onChange(chosen);
      }}
    />
  );
}

function CardLine<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  return (
    <Group justify="space-between" gap="md" wrap="nowrap">
      <Text size="xs" c="dimmed" flex="none" maw="45%">
        {column.label}
      </Text>
      <Box className="long figures" fz="sm" ta="right" miw={0}>
        {column.render(row)}
      </Box>
    </Group>
  );
}

function sideOf<Row>({ isFigure, isActions }: Column<Row>): 'left' | 'right' {
  return isFigure || isActions ? 'right' : 'left';
}
