using Deucalion.Common.Log;

namespace Deucalion.Node.Hosting;

/// <summary>Says what a salvage has found and given up.</summary>
internal static partial class SalvageLog
{
    /// <summary>One line for each damage and each partition that may have lost records.</summary>
    public static void Write(ILogger logger, SalvageReport report)
    {
        foreach (var damage in report.Damage)
        {
            Damage(logger, damage.ToString());
        }

        foreach (var partition in report.Partitions.Where(static p => p.MayHaveLost || p.Dropped > 0))
        {
            Lost(logger, partition.Partition.Value, partition.Dropped);
        }

        Done(logger, report.Partitions.Count);
    }

    [LoggerMessage(1, LogLevel.Error, "Journal damage: {Damage}")]
    private static partial void Damage(ILogger logger, string damage);

    [LoggerMessage(2, LogLevel.Error, "Partition {Partition} has lost records that were durable; {Dropped} records behind the gap were dropped")]
    private static partial void Lost(ILogger logger, int partition, long dropped);

    [LoggerMessage(3, LogLevel.Warning, "Journal salvaged, {Partitions} partitions; the damaged files are kept beside it")]
    private static partial void Done(ILogger logger, int partitions);
}
