import { useEffect, useState } from 'react';
import { ApiError, callApi } from '../api/client';
import type { ClusterStatus, NodeStatus, PartitionStatus } from '../api/clusterTypes';
import { startPolling } from '../api/polling';
import { keepSame } from './keepSame';

export interface Cluster {
  readonly status: ClusterStatus;
  readonly nodes: readonly NodeStatus[];
  readonly partitions: readonly PartitionStatus[];
}

export interface ClusterSight {
  /** The last good answer; stays while the next ones fail. */
  readonly cluster: Cluster | null;
  /** Why there is none: the node says that it runs alone. */
  readonly alone: string | null;
  readonly error: ApiError | null;
}

const interval = 2_000;

/** A node that runs alone has to be restarted to become a member. */
const aloneInterval = 15_000;

/** The cluster as it is, for as long as somebody looks. */
export function useCluster(): ClusterSight {
  const [sight, setSight] = useState<ClusterSight>({ cluster: null, alone: null, error: null });

  useEffect(() => startPolling(async (signal) => {
    // The cluster is the same for all tenants.
    const options = { tenant: '', signal };
    try {
      const [status, nodes, partitions] = await Promise.all([
        callApi<ClusterStatus>('cluster/status', options),
        callApi<readonly NodeStatus[]>('cluster/nodes', options),
        callApi<readonly PartitionStatus[]>('cluster/partitions', options),
      ]);
      setSight((previous) => ({
        cluster: {
          status: status.data,
          nodes: keepSame(previous.cluster?.nodes ?? [], nodes.data, (node) => node.record.id),
          partitions: keepSame(previous.cluster?.partitions ?? [], partitions.data, (partition) => partition.partition),
        },
        alone: null,
        error: null,
      }));
      return interval;
    } catch (failure) {
      if (signal.aborted) return interval;
      const error = failure instanceof ApiError ? failure : new ApiError('page', String(failure));
      if (error.type === 'not_found' || error.type === 'http 404') {
        setSight({ cluster: null, alone: error.message, error: null });
        return aloneInterval;
      }
      setSight((previous) => ({ ...previous, error }));
      return interval;
    }
  }, document), []);

  return sight;
}
