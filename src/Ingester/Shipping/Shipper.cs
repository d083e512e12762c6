using Deucalion.Common.Identifiers;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Deletion;
using Deucalion.Ingester.Partitions;
using Deucalion.Storage.Head;
using Deucalion.Storage.Memory;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester.Shipping;

/// <summary>
/// Moves recent data from heads to the object store. For each generation: logged cut (the partition seals it) → published block
/// (<see cref="BlockPublisher"/>) → logged truncation (the head forgets it). A crash between any two steps is safe: what is sealed and not listed is
/// published again under a new ULID, what is listed and not truncated is recognised in the manifest. While the object store cannot be
/// reached, sealed generations stay readable in the heads and are tried again with growing pauses. Thread-safe.
/// </summary>
internal sealed partial class Shipper(
    PartitionHost partitions, BlockPublisher publisher, PartitionDeletions deletions, ShippingOptions options, ShippingMetrics metrics, TimeProvider time, ILogger<Shipper> logger)
    : IDisposable
{
    // Building a block takes about as much managed memory as the block has bytes.
    private const long GarbageWorthCollecting = 1 << 20;

    private readonly SemaphoreSlim _slots = new(options.Concurrency);
    private readonly object _gate = new();
    private readonly Dictionary<(TenantId Tenant, PartitionId Partition, long Generation), Task<Exception?>> _running = [];
    private readonly Dictionary<(TenantId Tenant, PartitionId Partition, long Generation), (int Failures, DateTimeOffset NotBefore)> _failed = [];
    private long _garbage;

    /// <summary>Looks for windows that are due, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.CheckInterval, time);
        for (var tick = 0L; await timer.WaitForNextTickAsync(cancellationToken); tick++)
        {
            foreach (var partition in Led())
            {
                if (CutStagger.IsTurn(partition.Partition, tick, options.CheckInterval, options.Stagger) || HasFailed(partition.Partition))
                {
                    await ShipDueAsync(partition, cancellationToken);
                }
            }
        }
    }

    /// <summary>Cuts what is due in a partition and starts to ship all that is sealed.</summary>
    public async Task ShipDueAsync(PartitionHandle partition, CancellationToken cancellationToken)
    {
        if (await SealAsync(partition, all: false, cancellationToken) is { } generations)
        {
            foreach (var generation in generations)
            {
                _ = Start(partition, generation, now: false, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Cuts and ships everything that the heads hold of partitions that this node leads. What another node leads, or leads by the time that it fails here, is that one's
    /// business. Throws with the first failure, after all have been tried.
    /// </summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        Exception? failure = null;
        foreach (var partition in Led())
        {
            if (await SealAsync(partition, all: true, cancellationToken) is not { } generations)
            {
                failure ??= partition.Log.IsLedElsewhere ? null : new IOException($"partition {partition.Partition} could not cut its windows");
                continue;
            }

            foreach (var running in generations.Select(x => Start(partition, x, now: true, cancellationToken)).ToList())
            {
                var failed = await running;
                failure ??= partition.Log.IsLedElsewhere ? null : failed;
            }
        }

        if (failure is not null)
        {
            throw new IOException($"not everything could be shipped: {failure.Message}", failure);
        }
    }

    /// <summary>Waits for the attempts under way; those that were started with a token that has been cancelled end soon.</summary>
    public async Task StopAsync()
    {
        Task[] running;
        lock (_gate)
        {
            running = [.. _running.Values];
        }

        await Task.WhenAll(running);
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    /// <summary>Only the primary ships: one upload, not one a replica.</summary>
    private IEnumerable<PartitionHandle> Led() => (partitions.Current?.Partitions ?? []).Where(static partition => !partition.Log.IsLedElsewhere);

    private bool HasFailed(PartitionId partition)
    {
        lock (_gate)
        {
            return _failed.Keys.Any(x => x.Partition == partition);
        }
    }

    private async Task<IReadOnlyList<SealedGeneration>?> SealAsync(PartitionHandle partition, bool all, CancellationToken cancellationToken)
    {
        try
        {
            return await partition.CutAsync(all, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogCutFailed(logger, partition.Partition, e);
            return null;
        }
    }

    /// <summary>Ships a generation unless it is being shipped already, or failed a short while ago; the task's result is why it failed, or null.</summary>
    private Task<Exception?> Start(PartitionHandle partition, SealedGeneration generation, bool now, CancellationToken cancellationToken)
    {
        var key = (generation.Tenant, generation.Partition, generation.Window.Generation);
        lock (_gate)
        {
            if (_running.TryGetValue(key, out var running))
            {
                return running;
            }

            if (!now && _failed.TryGetValue(key, out var failed) && time.GetUtcNow() < failed.NotBefore)
            {
                return Task.FromResult<Exception?>(null);
            }

            metrics.Waiting(1);
            return _running[key] = Task.Run(() => ShipAsync(partition, generation, key, cancellationToken), CancellationToken.None);
        }
    }

    private async Task<Exception?> ShipAsync(
        PartitionHandle partition, SealedGeneration generation, (TenantId, PartitionId, long) key, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        var entered = false;
        try
        {
            await _slots.WaitAsync(cancellationToken);
            entered = true;
            await ShipAsync(partition, generation, cancellationToken);
        }
        catch (WindowTruncatedException)
        {
            // Another attempt got through, or the tenant was deleted.
        }
        catch (Exception e)
        {
            failure = e;
            if (!cancellationToken.IsCancellationRequested)
            {
                metrics.Failed();
                LogFailed(logger, generation.Tenant, generation.Partition, generation.Window.Generation, e);
            }
        }

        if (entered)
        {
            _slots.Release();
        }

        bool rests;
        lock (_gate)
        {
            metrics.Waiting(-1);
            _running.Remove(key);
            rests = _running.Count == 0;
            if (failure is null)
            {
                _failed.Remove(key);
            }
            else
            {
                var failures = _failed.GetValueOrDefault(key).Failures;
                var pause = options.MinBackoff * Math.Pow(2, Math.Min(failures, 20));
                _failed[key] = (failures + 1, time.GetUtcNow() + (pause < options.MaxBackoff ? pause : options.MaxBackoff));
            }
        }

        if (rests && Volatile.Read(ref _garbage) >= GarbageWorthCollecting)
        {
            Interlocked.Exchange(ref _garbage, 0);
            FreedMemory.GiveBack();
        }

        return failure;
    }

    private async Task ShipAsync(PartitionHandle partition, SealedGeneration generation, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();

        // Until the manifest shows it, a deletion of the tenant would take the block too.
        await deletions.FinishAsync(partition, generation.Tenant, cancellationToken);
        var block = await publisher.PublishAsync(generation, () => RequirePresent(partition, generation), cancellationToken);
        await partition.TruncateAsync(generation, block?.Ulid ?? string.Empty, cancellationToken);
        if (block is not null)
        {
            Interlocked.Add(ref _garbage, block.Bytes);
            metrics.Shipped(block.Bytes, block.Samples, time.GetElapsedTime(started));
            LogShipped(logger, generation.Tenant, generation.Partition, generation.Window.Generation, block.Ulid, block.Samples, block.Bytes);
        }
    }

    private void RequirePresent(PartitionHandle partition, SealedGeneration generation)
    {
        if (generation.Window.IsGone)
        {
            throw new WindowTruncatedException(generation.Window.Generation);
        }

        if (partition.State.DeletionOf(generation.Tenant) is not null)
        {
            throw new IOException($"tenant {generation.Tenant} is being deleted in partition {generation.Partition}");
        }

        if (!partitions.SpeaksFor(partition))
        {
            throw new PartitionMovingException($"partition {generation.Partition} may be led by another node");
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Tenant {Tenant} partition {Partition}: generation {Generation} became block {Ulid} ({Samples} samples, {Bytes} bytes)")]
    private static partial void LogShipped(
        ILogger logger, TenantId tenant, PartitionId partition, long generation, string ulid, long samples, long bytes);

    [LoggerMessage(2, LogLevel.Warning, "Tenant {Tenant} partition {Partition}: generation {Generation} could not be shipped; trying again")]
    private static partial void LogFailed(ILogger logger, TenantId tenant, PartitionId partition, long generation, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Partition {Partition} could not cut its windows")]
    private static partial void LogCutFailed(ILogger logger, PartitionId partition, Exception exception);
}
