using System.Collections.Immutable;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.PartitionLog;

/// <summary>How far the replicas of a partition are behind the primary of a term, at one moment.</summary>
internal sealed record KnownLags(long Term, ImmutableArray<PeerLag> Peers);
