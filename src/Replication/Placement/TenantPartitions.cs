using System.Buffers.Binary;
using System.Text;
using Deucalion.Common.Hashing;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;

namespace Deucalion.Replication.Placement;

/// <summary>
/// Where the series of one tenant live: all partitions in the tenant's own order (rendezvous scores with its name) and the width, how many from the
/// front are used. A series belongs to <c>order[jump(hash, width)]</c>, so a wider tenant moves as few series as possible. Immutable.
/// </summary>
public sealed class TenantPartitions
{
    private readonly PartitionId[] _order;

    private TenantPartitions(TenantId tenant, PartitionId[] order, int width)
    {
        Tenant = tenant;
        _order = order;
        Width = width;
    }

    /// <summary>The tenant.</summary>
    public TenantId Tenant { get; }

    /// <summary>How many partitions are written to.</summary>
    public int Width { get; }

    /// <summary>The partitions written to, in the tenant's order.</summary>
    public ReadOnlySpan<PartitionId> Used => _order.AsSpan(0, Width);

    /// <summary>All partitions in the tenant's order.</summary>
    public ReadOnlySpan<PartitionId> Order => _order;

    /// <summary>Partitions of a tenant in a cluster of <paramref name="partitions"/>; the width is limited to that number.</summary>
    public static TenantPartitions Create(TenantId tenant, int partitions, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var name = Encoding.UTF8.GetBytes(tenant.Value);
        var key = new byte[name.Length + 5];
        name.CopyTo(key, 0);
        key[name.Length] = 0xFF;
        var scored = new (ulong Score, int Id)[partitions];
        for (var id = 0; id < partitions; id++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(key.AsSpan(name.Length + 1), id);
            scored[id] = (XxHash64.Compute(key), id);
        }

        Array.Sort(scored, static (left, right) =>
            left.Score != right.Score ? right.Score.CompareTo(left.Score) : left.Id.CompareTo(right.Id));
        return new TenantPartitions(tenant, Array.ConvertAll(scored, static entry => new PartitionId(entry.Id)), Math.Min(width, partitions));
    }

    /// <summary>The partition of a series by its routing hash.</summary>
    public PartitionId PartitionOf(ulong routingHash) => _order[JumpHash.Bucket(routingHash, Width)];

    /// <summary>The same tenant with another width, limited to the number of partitions.</summary>
    public TenantPartitions WithWidth(int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return new TenantPartitions(Tenant, _order, Math.Min(width, _order.Length));
    }
}
