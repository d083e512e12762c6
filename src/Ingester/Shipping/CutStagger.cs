using Deucalion.Common.Identifiers;

namespace Deucalion.Ingester.Shipping;

/// <summary>Spreads the cuts of partitions over time: a window ends for all of them at once.</summary>
internal static class CutStagger
{
    /// <summary>
    /// Whether the partition looks for windows that are due in a tick: all together come round once in <paramref name="stagger"/>, neighbours far
    /// apart (golden ratio). Ticks are counted from any origin and follow each other in <paramref name="interval"/>.
    /// </summary>
    public static bool IsTurn(PartitionId partition, long tick, TimeSpan interval, TimeSpan stagger)
    {
        var ticks = Math.Max(1, (long)(stagger / interval));
        var place = (long)(((uint)partition.Value * 2654435769u / 4294967296.0) * ticks);
        return tick % ticks == place;
    }
}
