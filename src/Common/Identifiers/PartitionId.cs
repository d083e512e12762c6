namespace Deucalion.Common.Identifiers;

/// <summary>A partition of the cluster, 0 … partitions-1.</summary>
public readonly record struct PartitionId(int Value) : IComparable<PartitionId>
{
    /// <inheritdoc/>
    public int CompareTo(PartitionId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
