import type { PartitionStatus, ReplicaLag } from '../api/clusterTypes';
import { age } from './age';

/** Replicas that lack something, the one that lacks it for longest first; null where nothing is known of them. */
export function laggards(partition: PartitionStatus): readonly ReplicaLag[] | null {
  return partition.lags?.filter((lag) => lag.records !== 0).sort((x, y) => y.seconds - x.seconds) ?? null;
}

/** For how long a replica has lacked something, at worst; less than nothing where that is not known. */
export function worstLag(partition: PartitionStatus): number {
  return partition.lags == null ? -1 : Math.max(0, ...partition.lags.map((lag) => lag.seconds));
}

/** What a replica lacks, in a few letters: records and time. */
export function lagText(lag: ReplicaLag): string {
  return `${lag.records === null ? '?' : lag.records.toLocaleString('en-US')} / ${age(lag.seconds)}`;
}
