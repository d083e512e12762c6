import { Paper, Table } from '@mantine/core';
import type { NamedCount } from '../api/types';
import classes from './StatusPage.module.css';

interface Props {
  readonly title: string;
  readonly unit: string;
  /** Absent where a server does not count this. */
  readonly rows: readonly NamedCount[] | null | undefined;
  readonly format: (value: number) => string;
}

/** Names with the most of something, each with a bar relative to the first. */
export function CountTable({ title, unit, rows, format }: Props) {
  const list = rows ?? [];
  const highest = list.reduce((most, row) => Math.max(most, row.value), 0);
  return (
    <Paper withBorder className={classes['card']} component="section" aria-label={title}>
      <h2 className={classes['title']}>{title}</h2>
      <Table verticalSpacing={3} horizontalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th className={classes['key']}>Name</Table.Th>
            <Table.Th className={`${classes['key']} ${classes['number']}`}>{unit}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.map((row) => (
            <Table.Tr key={row.name}>
              <Table.Td className={classes['name']} style={{ '--share': highest > 0 ? row.value / highest : 0 }}>{row.name}</Table.Td>
              <Table.Td className={classes['number']}>{format(row.value)}</Table.Td>
            </Table.Tr>
          ))}
          {list.length === 0 && <Table.Tr><Table.Td colSpan={2} className="dim">None</Table.Td></Table.Tr>}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
