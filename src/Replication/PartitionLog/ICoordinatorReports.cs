using Deucalion.Common.Identifiers;

namespace Deucalion.Replication.PartitionLog;

/// <summary>What replicas tell the coordinator. Nothing blocks; what is lost is said again. Thread-safe.</summary>
internal interface ICoordinatorReports
{
    /// <summary>This node's in-sync backup does not hear its primary.</summary>
    void PrimaryMissing(PartitionId partition, long term);

    /// <summary>This node, named primary, cannot do it.</summary>
    void AskReplacement(PartitionId partition, long term);
}
