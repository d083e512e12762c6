using Deucalion.Common.IO;
using Deucalion.Common.Tenants;
using Deucalion.Storage.Head;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester.Partitions;

/// <summary>What the partitions of a node share. Thread-safe.</summary>
internal sealed class PartitionEnvironment
{
    private int _stopWithoutCheckpoint;

    public required PartitionOptions Options { get; init; }

    /// <summary>What samples of a tenant must keep.</summary>
    public required Func<TenantId, HeadLimits> LimitsOf { get; init; }

    /// <summary>What is told where a tenant has as many series as it may.</summary>
    public required Func<TenantId, string> SeriesLimitText { get; init; }

    public required HeadResources Resources { get; init; }

    public required IDisk Disk { get; init; }

    public required TimeProvider Time { get; init; }

    public required PartitionMetrics Metrics { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Told, on any thread, when the journal that all partitions share can take nothing more; must not block.</summary>
    public required Action<Exception> JournalFailed { get; init; }

    /// <summary>Whether partitions that stop write a checkpoint, so that the next start is quick.</summary>
    public bool CheckpointAtStop => Volatile.Read(ref _stopWithoutCheckpoint) == 0;

    /// <summary>Milliseconds of the clock.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>From now on partitions stop without a checkpoint: their heads are about to be rebuilt.</summary>
    public void StopWithoutCheckpoint() => Volatile.Write(ref _stopWithoutCheckpoint, 1);

    /// <summary>Why a partition with so many bytes pending takes no more samples now, or null.</summary>
    public string? Overload(long pendingBytes)
    {
        if (pendingBytes > Options.MaxPendingBytes)
        {
            return $"{pendingBytes} bytes wait to be written to the log";
        }

        return Resources.Budget.IsExceeded ? "the memory of recent samples is used up" : null;
    }
}
