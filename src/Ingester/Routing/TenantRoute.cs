using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Routing;

/// <summary>
/// Where a tenant's series go: its ordered list of all partitions and how many of them, from the front, are in use (the width). Immutable; a
/// wider tenant has a new route, of which the old is a prefix.
/// </summary>
internal sealed class TenantRoute(IReadOnlyList<PartitionId> partitions, int width)
{
    /// <summary>Partitions in use.</summary>
    public int Width { get; } = Math.Clamp(width, 1, partitions.Count);

    /// <summary>The partition at a place of the list.</summary>
    public PartitionId this[int place] => partitions[place];

    /// <summary>Place in the list of a series by its routing hash. A wider route moves as few series as possible.</summary>
    public int PlaceOf(ulong hash) => JumpHash.Bucket(hash, Width);

    /// <summary>The same list, another width.</summary>
    public TenantRoute WithWidth(int other) => new(partitions, other);
}
