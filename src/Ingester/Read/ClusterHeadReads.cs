using System.Runtime.CompilerServices;
using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;
using Microsoft.Extensions.Logging;

namespace Deucalion.Ingester.Read;

/// <summary>
/// Reads of the heads of the whole cluster. Nobody needs to know where a tenant's heads are: every ingester that is alive is asked, and answers for the
/// partitions that it leads. The answer is complete when there is one for each partition that the view lists or that any node has named, and every
/// node was heard, or the view was read anew since the read began: whatever was acknowledged before is in a partition that the view then lists.
/// What is missing is asked for again until a deadline; a silent node is waited for meanwhile, as long as the view has it. Primaries without a lease are asked
/// too, for they may be well, and count for no more than the partitions that they answer for. A process alone asks itself, without all this. Thread-safe.
/// </summary>
internal sealed partial class ClusterHeadReads : IHeadReads
{
    private readonly INodeHeadReads? _local;
    private readonly Func<ReadTarget, INodeHeadReads> _nodes;
    private readonly IReadTargets _targets;
    private readonly ClusterReadOptions _options;
    private readonly HeadReadMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<ClusterHeadReads> _logger;

    // Timestamp of the last try to read an old view anew, if it failed, took too long or is still under way after one that did; 0: it worked.
    private long _refreshFailed;

    /// <summary>Reads of this node's heads, if it has any, by <paramref name="local"/>, of others by what <paramref name="nodes"/> gives.</summary>
    public ClusterHeadReads(
        INodeHeadReads? local,
        Func<ReadTarget, INodeHeadReads> nodes,
        IReadTargets targets,
        ClusterReadOptions options,
        HeadReadMetrics metrics,
        TimeProvider time,
        ILogger<ClusterHeadReads> logger)
    {
        _local = local;
        _nodes = nodes;
        _targets = targets;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc/>
    public async ValueTask<HeadAnswer> SelectAsync(
        TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        HeadAnswerMerge.Chunks(await AskAsync(
            new NodeRead(tenant, matchers, minTime, maxTime), static (node, read, cancelled) => node.SelectAsync(read, cancelled), cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<HeadSeriesAnswer> SeriesAsync(
        TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        HeadAnswerMerge.Series(await AskAsync(
            new NodeRead(tenant, matchers, minTime, maxTime), static (node, read, cancelled) => node.SeriesAsync(read, cancelled), cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<HeadNamesAnswer> LabelNamesAsync(
        TenantId tenant, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        HeadAnswerMerge.Names(await AskAsync(
            new NodeRead(tenant, matchers, minTime, maxTime), static (node, read, cancelled) => node.LabelNamesAsync(read, cancelled), cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<HeadNamesAnswer> LabelValuesAsync(
        TenantId tenant, string name, IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken) =>
        HeadAnswerMerge.Names(await AskAsync(
            new NodeRead(tenant, matchers, minTime, maxTime), (node, read, cancelled) => node.LabelValuesAsync(read, name, cancelled), cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<MetricMetadata>> MetadataAsync(TenantId tenant, CancellationToken cancellationToken) =>
        HeadAnswerMerge.Metadata(await AskAsync(
            new NodeRead(tenant, [], long.MinValue, long.MaxValue), static (node, read, cancelled) => node.MetadataAsync(read, cancelled), cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SeriesExemplars>> ExemplarsAsync(
        TenantId tenant, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTime, long maxTime, CancellationToken cancellationToken) =>
        HeadAnswerMerge.Exemplars(await AskAsync(
            new NodeRead(tenant, [], minTime, maxTime), (node, read, cancelled) => node.ExemplarsAsync(read, selectors, cancelled), cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<HeadStatus> StatusAsync(TenantId tenant, int limit, CancellationToken cancellationToken) =>
        HeadAnswerMerge.Status(
            await AskAsync(
                new NodeRead(tenant, [], long.MinValue, long.MaxValue), static (node, read, cancelled) => node.StatusAsync(read, cancelled), cancellationToken),
            limit);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<IReadOnlyList<PartitionAnswer<T>>> AskAsync<T>(NodeRead read, AskNode<T> ask, CancellationToken cancellationToken)
    {
        if (_targets.Age > _options.MaxViewAge)
        {
            await RefreshOldViewAsync(cancellationToken);
        }
        else if (Volatile.Read(ref _refreshFailed) != 0)
        {
            // The store has answered since.
            Volatile.Write(ref _refreshFailed, 0);
        }

        NodeAnswer<T>? own = null;
        if (_local is not null && _targets.Current is [{ IsSelf: true } self])
        {
            try
            {
                own = await ask(_local, read, cancellationToken);
                if (IsAll(own))
                {
                    return own.Contents;
                }
            }
            catch (PartitionUnavailableException) when (_options.Deadline > TimeSpan.Zero)
            {
                // There is time to ask again.
            }
        }
        else
        {
            self = default;
        }

        using var gathering = new HeadGathering<T>();
        if (own is not null)
        {
            gathering.Add(self, own);
        }

        return await GatherAsync(gathering, read, ask, cancellationToken);
    }

    private bool IsAll<T>(NodeAnswer<T> answer) =>
        answer.Unanswered.Count == 0 && (_targets.KnownPartitions is { Count: 0 } || answer.Answered.ToHashSet().IsSupersetOf(_targets.KnownPartitions));

    private async Task<IReadOnlyList<PartitionAnswer<T>>> GatherAsync<T>(HeadGathering<T> gathering, NodeRead read, AskNode<T> ask, CancellationToken cancellationToken)
    {
        await using var asking = new HeadAsking<T>(gathering, read, ask, NodeAt, _time, cancellationToken);
        var renewal = new ViewRenewal(TryRefreshAsync, _time, cancellationToken);
        var started = _time.GetTimestamp();
        for (var pause = _options.FirstPause; ; pause = pause * 2 < _options.Patience ? pause * 2 : _options.Patience)
        {
            asking.Begin(Askable(), gathering.Missing(_targets.KnownPartitions));
            await asking.WaitAsync(_options.Patience);

            // Before the partitions are looked at: it may end meanwhile.
            var renewed = renewal.IsDone;
            var missing = gathering.Missing(_targets.KnownPartitions);
            if (missing.Count == 0 && !renewed && !_targets.Current.All(x => gathering.HasHeard(x.NodeId)))
            {
                // Who is silent may hold what nobody names.
                renewed = await renewal.WaitAsync(_options.Patience);
                missing = gathering.Missing(_targets.KnownPartitions);
            }

            if (missing.Count == 0 && (renewed || _targets.Current.All(x => gathering.HasHeard(x.NodeId))))
            {
                return gathering.Take();
            }

            var silent = asking.Silent(_targets.Current);
            if (_time.GetElapsedTime(started) >= _options.Deadline && silent.Count == 0)
            {
                _metrics.Unavailable();
                throw new PartitionUnavailableException(gathering.Describe(missing, asking.Silent(Askable())), null);
            }

            _metrics.Retried();
            LogRetries(_logger, missing.Count);
            renewal.Begin();
            if (silent.Count == 0)
            {
                await Task.Delay(pause, _time, cancellationToken);
            }
        }
    }

    private IReadOnlyList<ReadTarget> Askable() => _targets.WithoutLease is { Count: > 0 } others ? [.. _targets.Current, .. others] : _targets.Current;

    private INodeHeadReads NodeAt(ReadTarget target) => target.IsSelf && _local is not null ? _local : _nodes(target);

    /// <summary>
    /// An old view is read anew before it is used. Once that has failed, or taken too long, the store is away: reads go on with what is known and do not wait for the
    /// next failure, which would come seconds later; one of them has it tried again now and then, and waits no more than the others.
    /// </summary>
    private async ValueTask RefreshOldViewAsync(CancellationToken cancellationToken)
    {
        var failed = Volatile.Read(ref _refreshFailed);
        if (failed == 0)
        {
            if (!await IsRefreshedInTimeAsync(cancellationToken))
            {
                Volatile.Write(ref _refreshFailed, _time.GetTimestamp());
            }
        }
        else if (_time.GetElapsedTime(failed) >= _options.RefreshPause && Interlocked.CompareExchange(ref _refreshFailed, _time.GetTimestamp(), failed) == failed)
        {
            _ = Task.Run(async () => Volatile.Write(ref _refreshFailed, await IsRefreshedInTimeAsync(CancellationToken.None) ? 0 : _time.GetTimestamp()), CancellationToken.None);
        }
    }

    private async Task<bool> IsRefreshedInTimeAsync(CancellationToken cancellationToken) =>
        await new ViewRenewal(TryRefreshAsync, _time, cancellationToken).WaitAsync(_options.RefreshPatience);

    /// <summary>Reads the view anew; false where the store does not answer. Heads are read all the same: while it is away nothing changes its place.</summary>
    private async Task<bool> TryRefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _targets.RefreshAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotRefreshed(_logger, exception.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "A read of heads lacks {Partitions} partitions and asks again")]
    private static partial void LogRetries(ILogger logger, int partitions);

    [LoggerMessage(2, LogLevel.Warning, "The view of the cluster could not be read anew: {Reason}")]
    private static partial void LogNotRefreshed(ILogger logger, string reason);
}

/// <summary>Puts one question to a node.</summary>
internal delegate ValueTask<NodeAnswer<T>> AskNode<T>(INodeHeadReads node, NodeRead read, CancellationToken cancellationToken);
