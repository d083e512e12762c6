/** What the HTTP API tells of a cluster (cluster/status, cluster/nodes, cluster/partitions). */

export interface ClusterStatus {
  /** Null where none is known. */
  readonly coordinator: string | null;
  /** False where no coordinator answers: then this is what the asked node knows. */
  readonly fromCoordinator: boolean;
  readonly readAt: string;
  /** Nothing is changed, because the coordination store cannot be reached. */
  readonly frozen: boolean;
  readonly replicationFactor: number;
  readonly minInSync: number;
  readonly joiningNodes: number;
  readonly activeNodes: number;
  readonly leavingNodes: number;
  readonly deadNodes: number;
  readonly healthy: number;
  readonly underReplicated: number;
  readonly withoutPrimary: number;
  readonly movesUnderWay: number;
  readonly unsettled: number;
}

export interface NodeRecord {
  readonly id: string;
  readonly address: string;
  readonly httpAddress: string;
  readonly zone: string;
  readonly roles: readonly string[];
  readonly state: 'joining' | 'active' | 'leaving';
  readonly version: string;
}

export interface NodeStatus {
  readonly record: NodeRecord;
  readonly alive: boolean;
  /** How long it has been alive, or dead. */
  readonly forSeconds: number;
  /** Whether it knows the newest view of the cluster. */
  readonly informed: boolean;
  readonly primaries: number;
  readonly replicas: number;
  readonly learners: number;
}

export type PartitionHealth = 'healthy' | 'under_replicated' | 'without_primary';

/** What the asked node itself has of a partition: the last record applied. */
export interface LocalReplica {
  readonly role: string;
  readonly term: number;
  readonly seq: number;
}

/** How far a replica is behind its primary. */
export interface ReplicaLag {
  readonly node: string;
  /** Records that it lacks; null where that is not known: it is not heard, or waits for a checkpoint. */
  readonly records: number | null;
  /** At most so long ago it held all that there was then. */
  readonly seconds: number;
}

export interface PartitionStatus {
  readonly partition: number;
  readonly state: PartitionHealth;
  readonly term: number;
  readonly replicationFactor: number;
  readonly minInSync: number;
  readonly wantedReplicationFactor: number;
  readonly wantedMinInSync: number;
  readonly primary: string;
  readonly inSync: readonly string[];
  readonly learners: readonly string[];
  /** What is being done about it. */
  readonly step: string | null;
  /** All replicas but the primary; absent where nothing is known of them. */
  readonly lags?: readonly ReplicaLag[] | null;
  readonly replica: LocalReplica | null;
}
