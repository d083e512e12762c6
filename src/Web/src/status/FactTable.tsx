import { Paper, Table } from '@mantine/core';
import classes from './StatusPage.module.css';

interface Props {
  readonly title: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
}

export function FactTable({ title, facts }: Props) {
  return (
    <Paper withBorder className={classes['card']} component="section" aria-label={title}>
      <h2 className={classes['title']}>{title}</h2>
      <Table verticalSpacing={3} horizontalSpacing="xs">
        <Table.Tbody>
          {facts.map(([label, value]) => (
            <Table.Tr key={label}><Table.Th className={classes['key']} w="30%">{label}</Table.Th><Table.Td className="mono">{value}</Table.Td></Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
