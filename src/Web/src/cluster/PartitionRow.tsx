import { Table } from '@mantine/core';
import { memo } from 'react';
import type { PartitionStatus } from '../api/clusterTypes';
import classes from './ClusterPage.module.css';
import { shortenIds, type NodeNames } from './nodeNames';
import { healthNames } from './partitionList';
import { lagText, laggards } from './replicaLag';
import { StateBadge } from './StateBadge';

interface Props {
  readonly partition: PartitionStatus;
  readonly names: NodeNames;
}

/** One partition; made anew only where it, or a node's name or life, has changed. */
export const PartitionRow = memo(function PartitionRow({ partition, names }: Props) {
  const { replicationFactor: factor, wantedReplicationFactor: wanted, minInSync, wantedMinInSync, replica } = partition;
  const isChanged = factor !== wanted || minInSync !== wantedMinInSync;
  return (
    <Table.Tr data-partition={partition.partition}>
      <Table.Td className={classes['number']}>{partition.partition}</Table.Td>
      <Table.Td><StateBadge state={partition.state} text={healthNames[partition.state]} /></Table.Td>
      <Table.Td className={classes['number']}>{partition.term}</Table.Td>
      <Table.Td><Names ids={[partition.primary]} names={names} /></Table.Td>
      <Table.Td><Names ids={partition.inSync} names={names} /></Table.Td>
      <Table.Td><Names ids={partition.learners} names={names} /></Table.Td>
      <Table.Td><Lags partition={partition} names={names} /></Table.Td>
      <Table.Td className={classes['number']} title={`At least ${minInSync} in sync${isChanged ? `; wanted: ${wanted}, at least ${wantedMinInSync} in sync` : ''}`}>
        {isChanged ? `${factor} → ${wanted}` : factor}
      </Table.Td>
      <Table.Td>{partition.step === null ? <span className="dim">–</span> : shortenIds(partition.step, names)}</Table.Td>
      <Table.Td className={classes['local']} title={replica === null ? '' : `Last record applied here: term ${replica.term}, number ${replica.seq}`}>
        {replica === null ? '–' : `${replica.role}, ${replica.term}:${replica.seq}`}
      </Table.Td>
    </Table.Tr>
  );
});

/** What replicas lack. */
function Lags({ partition, names }: Props) {
  const behind = laggards(partition);
  if (behind === null) return <span className="dim" title="Not known">?</span>;
  if (behind.length === 0) return <span className="dim">–</span>;
  return (
    <span className={classes['names']}>
      {behind.map((lag) => (
        <span key={lag.node} className={classes['lag']} title={`${lag.node} lacks ${lag.records === null ? 'an unknown number of' : lag.records} records; at most so long ago it held all that there was`}>
          {names.short(lag.node)} {lagText(lag)}
        </span>
      ))}
    </span>
  );
}

/** Nodes by their first digits; a browser's own tooltips, since a large table has a thousand of them. */
function Names({ ids, names }: { readonly ids: readonly string[]; readonly names: NodeNames }) {
  if (ids.length === 0) return <span className="dim">–</span>;
  return (
    <span className={classes['names']}>
      {ids.map((id) => {
        const isAlive = names.isAlive(id);
        return <span key={id} data-dead={isAlive ? undefined : true} title={`${id}, ${names.zone(id) || 'no zone'}${isAlive ? '' : ', dead'}`}>{names.short(id)}</span>;
      })}
    </span>
  );
}
