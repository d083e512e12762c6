import { NativeSelect } from '@mantine/core';
import type { NodeStatus } from '../api/clusterTypes';
import type { NodeNames } from './nodeNames';
import { healthNames, type HealthFilter, type PartitionFilter } from './partitionList';

interface Props {
  readonly filter: PartitionFilter;
  readonly nodes: readonly NodeStatus[];
  readonly names: NodeNames;
  readonly onFilter: (filter: PartitionFilter) => void;
}

const healths = [
  { value: 'all', label: 'Any health' },
  ...Object.entries(healthNames).map(([value, label]) => ({ value, label })),
  { value: 'changing', label: 'Changing' },
];

export function PartitionFilters({ filter, nodes, names, onFilter }: Props) {
  const known = [
    { value: '', label: 'Any node' },
    ...nodes.map(({ record }) => ({ value: record.id, label: record.zone === '' ? names.short(record.id) : `${names.short(record.id)} (${record.zone})` })),
  ];
  // A node may be forgotten while it is chosen.
  if (filter.node !== '' && !nodes.some(({ record }) => record.id === filter.node)) known.push({ value: filter.node, label: names.short(filter.node) });

  return (
    <>
      <NativeSelect size="xs" aria-label="Health" data={healths} value={filter.health} data-testid="filter-health"
        onChange={(event) => onFilter({ ...filter, health: event.currentTarget.value as HealthFilter })} />
      <NativeSelect size="xs" aria-label="Node" data={known} value={filter.node} data-testid="filter-node"
        onChange={(event) => onFilter({ ...filter, node: event.currentTarget.value })} />
    </>
  );
}
