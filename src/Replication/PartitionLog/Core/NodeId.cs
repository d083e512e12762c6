namespace Deucalion.Replication.PartitionLog.Core;

/// <summary>The lasting name of a node.</summary>
internal readonly record struct NodeId(UInt128 Value)
{
    public override string ToString() => Value < 1000 ? $"n{Value}" : Value.ToString("x32", null);
}
