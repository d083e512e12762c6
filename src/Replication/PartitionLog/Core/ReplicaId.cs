namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>A replica's log: the node it lies on and the incarnation of the log there (0: not known yet, of a learner).</summary>
internal readonly record struct ReplicaId(NodeId Node, UInt128 Incarnation)
{
    public override string ToString() => Incarnation < 100000 ? $"{Node}/{Incarnation}" : $"{Node}/{Incarnation:x32}";
}
