import { Paper, Table } from '@mantine/core';
import type { NodeStatus } from '../api/clusterTypes';
import page from '../status/StatusPage.module.css';
import classes from './ClusterPage.module.css';
import { zonesOf } from './zones';

/** What fails together, and what would be gone with it. */
export function ZonesTable({ nodes }: { readonly nodes: readonly NodeStatus[] }) {
  return (
    <Paper withBorder className={page['card']} component="section" aria-label="Zones">
      <h2 className={page['title']}>Zones</h2>
      <Table className={classes['table']} verticalSpacing={3} horizontalSpacing="xs" data-testid="cluster-zones">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Zone</Table.Th>
            {['Nodes alive', 'Dead', 'Leads', 'Holds'].map((column) => <Table.Th key={column} className={classes['number']}>{column}</Table.Th>)}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {zonesOf(nodes).map((zone) => (
            <Table.Tr key={zone.name}>
              <Table.Td>{zone.name || '–'}</Table.Td>
              <Table.Td className={classes['number']}>{zone.alive}</Table.Td>
              <Table.Td className={classes['number']}>{zone.dead}</Table.Td>
              <Table.Td className={classes['number']}>{zone.primaries}</Table.Td>
              <Table.Td className={classes['number']}>{zone.replicas}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
