using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Shipping;

/// <summary>Decides when a window of a head is cut. Pure.</summary>
internal sealed class CutSchedule(ShippingOptions options, int partitions)
{
    /// <summary>
    /// Whether the window that ends at <paramref name="windowEnd"/> (exclusive) is due: the newest sample has passed its end by long enough, or the
    /// head has been idle for long enough. Times are Unix milliseconds; <paramref name="lastAppend"/> and <paramref name="now"/> are of this node's clock.
    /// </summary>
    public bool IsDue(PartitionId partition, long windowEnd, long newestSample, long lastAppend, long now)
    {
        var stagger = StaggerOf(partition);
        return newestSample - windowEnd >= (long)options.CutAfter.TotalMilliseconds + stagger
            || now - lastAppend >= (long)options.CutWhenIdleFor.TotalMilliseconds + stagger;
    }

    /// <summary>The partition's share of the stagger, milliseconds; neighbours lie far apart (golden ratio), since a tenant's partitions are any.</summary>
    private long StaggerOf(PartitionId partition)
    {
        var spread = (uint)partition.Value * 2654435769u;
        return partitions <= 1 ? 0 : (long)(options.Stagger.TotalMilliseconds * (spread / 4294967296.0));
    }
}
