import { Paper, Table } from '@mantine/core';
import { memo } from 'react';
import type { NodeStatus } from '../api/clusterTypes';
import page from '../status/StatusPage.module.css';
import { age } from './age';
import classes from './ClusterPage.module.css';
import { NodeId } from './NodeId';
import { nodeState, type NodeNames } from './nodeNames';
import { StateBadge } from './StateBadge';

interface Props {
  readonly nodes: readonly NodeStatus[];
  readonly names: NodeNames;
  readonly coordinator: string | null;
}

const columns = ['Node', 'Zone', 'State', 'For', 'Leads', 'Holds', 'Learning', 'Version', 'HTTP', 'Address'] as const;
const numbers: ReadonlySet<string> = new Set(['For', 'Leads', 'Holds', 'Learning']);

/** The nodes, dead ones too. */
export function NodesTable({ nodes, names, coordinator }: Props) {
  return (
    <Paper withBorder className={page['card']} component="section" aria-label="Nodes">
      <h2 className={page['title']}>Nodes</h2>
      <Table.ScrollContainer type="native" minWidth={700}>
        <Table className={classes['table']} verticalSpacing={3} horizontalSpacing="xs" data-testid="cluster-nodes">
          <Table.Thead>
            <Table.Tr>{columns.map((column) => <Table.Th key={column} className={numbers.has(column) ? classes['number'] : undefined}>{column}</Table.Th>)}</Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {nodes.map((node) => <Row key={node.record.id} node={node} short={names.short(node.record.id)} coordinates={node.record.id === coordinator} />)}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

interface RowProps {
  readonly node: NodeStatus;
  readonly short: string;
  readonly coordinates: boolean;
}

const Row = memo(function Row({ node, short, coordinates }: RowProps) {
  const { record } = node;
  return (
    <Table.Tr>
      <Table.Td><NodeId id={record.id} short={short} />{coordinates && <span className={classes['remark']}>coordinator</span>}</Table.Td>
      <Table.Td>{record.zone || '–'}</Table.Td>
      <Table.Td>
        <StateBadge state={nodeState(node)} />
        {node.alive && !node.informed && <span className={classes['remark']} title="It does not know the newest view of the cluster">not informed</span>}
      </Table.Td>
      <Table.Td className={classes['number']}>{age(node.forSeconds)}</Table.Td>
      <Table.Td className={classes['number']}>{node.primaries}</Table.Td>
      <Table.Td className={classes['number']}>{node.replicas}</Table.Td>
      <Table.Td className={classes['number']}>{node.learners}</Table.Td>
      <Table.Td>{record.version}</Table.Td>
      <Table.Td className="mono">{record.httpAddress}</Table.Td>
      <Table.Td className="mono">{record.address}</Table.Td>
    </Table.Tr>
  );
});
