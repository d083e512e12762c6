import { Paper, Table, UnstyledButton } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { NodeStatus, PartitionStatus } from '../api/clusterTypes';
import page from '../status/StatusPage.module.css';
import classes from './ClusterPage.module.css';
import type { NodeNames } from './nodeNames';
import { PartitionFilters } from './PartitionFilters';
import { listPartitions, type PartitionFilter, type PartitionOrder } from './partitionList';
import { PartitionRow } from './PartitionRow';

interface Props {
  readonly partitions: readonly PartitionStatus[];
  readonly nodes: readonly NodeStatus[];
  readonly names: NodeNames;
}

const columns: readonly (readonly [title: string, order: PartitionOrder | null, isNumber: boolean])[] = [
  ['Partition', 'partition', true], ['Health', 'health', false], ['Term', 'term', true], ['Primary', 'primary', false],
  ['In sync', 'replicas', false], ['Learners', null, false], ['Behind', 'lag', false], ['RF', null, true], ['Next', null, false], ['On this node', null, false],
];

/** The partitions that have been written to. */
export function PartitionsTable({ partitions, nodes, names }: Props) {
  const [filter, setFilter] = useState<PartitionFilter>({ health: 'all', node: '' });
  const [order, setOrder] = useState<PartitionOrder>('partition');
  const [descending, setDescending] = useState(false);
  const rows = useMemo(() => listPartitions(partitions, filter, order, descending), [partitions, filter, order, descending]);
  const sort = (by: PartitionOrder): void => {
    setDescending(by === order && !descending);
    setOrder(by);
  };

  return (
    <Paper withBorder className={page['card']} component="section" aria-label="Partitions">
      <div className={classes['bar']}>
        <h2 className={page['title']}>Partitions</h2>
        <PartitionFilters filter={filter} nodes={nodes} names={names} onFilter={setFilter} />
        <span className={classes['count']} role="status" data-testid="partition-count">{rows.length} of {partitions.length}</span>
      </div>
      <Table.ScrollContainer type="native" minWidth={800}>
        <Table className={classes['table']} highlightOnHover verticalSpacing={3} horizontalSpacing="xs" data-testid="cluster-partitions">
          <Table.Thead>
            <Table.Tr>
              {columns.map(([title, by, isNumber]) => (
                <Table.Th key={title} className={isNumber ? classes['number'] : undefined} aria-sort={by !== null && by === order ? (descending ? 'descending' : 'ascending') : undefined}>
                  {by === null ? title : <UnstyledButton className={classes['sort']} onClick={() => sort(by)}>{title}</UnstyledButton>}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((partition) => <PartitionRow key={partition.partition} partition={partition} names={names} />)}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {rows.length === 0 && (
        <p className={classes['none']}>{partitions.length === 0 ? 'Nothing has been written yet.' : 'No partition is like that.'}</p>
      )}
    </Paper>
  );
}
