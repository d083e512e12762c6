import type { PartitionHealth, PartitionStatus } from '../api/clusterTypes';
import { worstLag } from './replicaLag';

/** `changing`: something is planned or under way. */
export type HealthFilter = 'all' | PartitionHealth | 'changing';

export interface PartitionFilter {
  readonly health: HealthFilter;
  /** Id of a node that leads or holds it; empty is any. */
  readonly node: string;
}

export type PartitionOrder = 'partition' | 'health' | 'term' | 'primary' | 'replicas' | 'lag';

export const healthNames: Readonly<Record<PartitionHealth, string>> = {
  healthy: 'Healthy', under_replicated: 'Under-replicated', without_primary: 'Without primary',
};

const worstFirst: Readonly<Record<PartitionHealth, number>> = { without_primary: 0, under_replicated: 1, healthy: 2 };

const compare: Readonly<Record<PartitionOrder, (a: PartitionStatus, b: PartitionStatus) => number>> = {
  partition: (a, b) => a.partition - b.partition,
  health: (a, b) => worstFirst[a.state] - worstFirst[b.state],
  term: (a, b) => a.term - b.term,
  primary: (a, b) => (a.primary < b.primary ? -1 : a.primary > b.primary ? 1 : 0),
  replicas: (a, b) => a.inSync.length - b.inSync.length,
  lag: (a, b) => worstLag(a) - worstLag(b),
};

export function isChanging(partition: PartitionStatus): boolean {
  return partition.step !== null || partition.learners.length > 0;
}

export function holds(partition: PartitionStatus, node: string): boolean {
  return partition.primary === node || partition.inSync.includes(node) || partition.learners.includes(node);
}

/** Partitions that pass a filter, in an order; what is equal in it by number. */
export function listPartitions(partitions: readonly PartitionStatus[], filter: PartitionFilter, order: PartitionOrder, descending: boolean): readonly PartitionStatus[] {
  const sign = descending ? -1 : 1;
  return partitions
    .filter((partition) => filter.node === '' || holds(partition, filter.node))
    .filter((partition) => filter.health === 'all' || (filter.health === 'changing' ? isChanging(partition) : partition.state === filter.health))
    .sort((a, b) => sign * compare[order](a, b) || a.partition - b.partition);
}
