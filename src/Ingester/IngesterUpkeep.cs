using Deucalion.Common.Identifiers;
using Deucalion.Common.IO;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Routing;
using Deucalion.Ingester.Shipping;
using Deucalion.Storage.Head;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester;

/// <summary>Periodic work: widens tenants as they grow, checkpoints the partition that pins the journal, ships early where memory runs short.</summary>
internal sealed partial class IngesterUpkeep(
    PartitionHost host,
    TenantRoutes routes,
    Shipper shipper,
    HeadResources resources,
    IngesterOptions options,
    bool isAlone,
    IDisk disk,
    TimeProvider time,
    ILogger<IngesterUpkeep> logger)
{
    /// <summary>Directory of the journal below the data directory.</summary>
    public const string JournalDirectory = "journal";

    private const double EarlyShippingShare = 0.85;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EarlyShippingInterval = TimeSpan.FromMinutes(5);
    private const int ReleaseTries = 100;
    private static readonly TimeSpan ReleasePause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(1);
    private DateTimeOffset _shippedEarly;
    private DateTimeOffset _refreshed;

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await TryAsync(RefreshRoutesAsync, cancellationToken);
            await TryAsync(GrowAsync, cancellationToken);
            await TryAsync(ReleaseJournalAsync, cancellationToken);
            await TryAsync(ReleaseMemoryAsync, cancellationToken);
        }
    }

    /// <summary>
    /// Widens tenants by the series in the heads that this node leads. What other nodes lead is not seen here: series spread evenly, so the fullest partition
    /// tells how many there are.
    /// </summary>
    public async Task GrowAsync(CancellationToken cancellationToken)
    {
        var fullest = new Dictionary<TenantId, long>();
        foreach (var partition in host.Current?.Partitions ?? [])
        {
            if (!partition.IsLeading)
            {
                continue;
            }

            foreach (var part in partition.State.Parts)
            {
                fullest[part.Tenant] = Math.Max(fullest.GetValueOrDefault(part.Tenant), part.Head.SeriesCount);
            }
        }

        foreach (var (tenant, most) in fullest)
        {
            var before = routes.Of(tenant).Width;
            var count = most * before;
            var after = await routes.GrowAsync(tenant, count, cancellationToken);
            if (after != before)
            {
                LogWidened(logger, tenant, count, before, after);
            }
        }
    }

    /// <summary>Now and then the widths that other nodes have set are taken over; a stale one spreads series over fewer partitions, no more.</summary>
    private async Task RefreshRoutesAsync(CancellationToken cancellationToken)
    {
        if (isAlone || time.GetUtcNow() - _refreshed < RefreshInterval)
        {
            return;
        }

        _refreshed = time.GetUtcNow();
        await routes.RefreshAsync(cancellationToken);
    }

    /// <summary>
    /// Checkpoints partitions until the journal is no longer than it may be: one that writes little must not keep segments of all. Throws where one cannot be
    /// checkpointed: it holds the oldest segment, so that checkpoints of others would free nothing. So would they where one keeps its segments although it was
    /// checkpointed, for a learner that is being sent an older checkpoint: then the next time may find it done.
    /// </summary>
    public async Task ReleaseJournalAsync(CancellationToken cancellationToken)
    {
        // Twice at most: the notes that checkpoints write may begin a segment, and then pin the one before.
        var (last, times) = (default(PartitionId?), 0);
        for (var left = 2 * (host.Current?.Count ?? 0);
            left > 0 && JournalBytes() > (long)options.Partitions.MaxJournalSegments * options.JournalSegmentBytes && host.Current?.OldestHolder() is { } oldest;
            left--)
        {
            (last, times) = (oldest.Partition, last == oldest.Partition ? times + 1 : 1);
            if (times > 2)
            {
                return;
            }

            await oldest.CheckpointAsync(cancellationToken);
            await ReleasedAsync(oldest.Partition, cancellationToken);
        }
    }

    /// <summary>What a checkpoint frees goes once the note of the partition's term has been written again, a moment later.</summary>
    private async Task ReleasedAsync(PartitionId partition, CancellationToken cancellationToken)
    {
        for (var i = 0; i < ReleaseTries && host.Current?.OldestHolder()?.Partition == partition; i++)
        {
            await Task.Delay(ReleasePause, time, cancellationToken);
        }
    }

    /// <summary>Ships everything early where memory runs short: refused samples would never let a window end.</summary>
    public async Task ReleaseMemoryAsync(CancellationToken cancellationToken)
    {
        var budget = resources.Budget;
        if (budget.Used < budget.Limit * EarlyShippingShare || time.GetUtcNow() - _shippedEarly < EarlyShippingInterval)
        {
            return;
        }

        _shippedEarly = time.GetUtcNow();
        LogShipsEarly(logger, budget.Used, budget.Limit);
        await shipper.FlushAsync(cancellationToken);
    }

    /// <summary>Each kind of work is done whatever becomes of the others.</summary>
    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, e);
        }
    }

    private long JournalBytes() => disk.List(Path.Combine(options.DataDirectory, JournalDirectory)).Sum(static x => x.Length);

    [LoggerMessage(3, LogLevel.Warning, "Recent samples use {Used} of {Limit} bytes: everything is shipped early")]
    private static partial void LogShipsEarly(ILogger logger, long used, long limit);

    [LoggerMessage(1, LogLevel.Warning, "Upkeep failed; it will be tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Tenant {Tenant} has {Series} series: {Before} partitions became {After}")]
    private static partial void LogWidened(ILogger logger, TenantId tenant, long series, int before, int after);
}
