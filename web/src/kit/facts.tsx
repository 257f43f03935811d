import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** A name and what it is. */
export type Fact = readonly [string, ReactNode];

/** What is known of one record, line by line; `false` is left out. */
export function Facts({ label, facts }: { label: string; facts: readonly (Fact | false)[] }) {
  const shown = facts.filter((fact) => fact !== false);
  return (
    <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0} aria-label={label}>
      <Table.Tbody>
        {shown.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th fw={400} c="dimmed" w="38%" style={{ verticalAlign: 'top' }}>
              {name}
            </Table.Th>
            <Table.Td ta="right" className="figures long">
              {value}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
