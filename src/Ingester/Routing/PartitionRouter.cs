using System.Collections.Concurrent;
using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Remote;
using Deucalion.Replication.Coordination;
using Deucalion.Replication.Membership;
using Deucalion.Replication.Placement;

namespace Deucalion.Ingester.Routing;

/// <summary>
/// Brings requests to the primaries of their partitions, on this node or another. A primary that has moved is found again within the wait for
/// failovers, unseen by the sender: sending the same samples twice does no harm. A partition that stays unavailable longer is rerouted around: its
/// requests go to the tenant's next partitions until it answers again. Reads ask every node, so they need not know. Thread-safe.
/// </summary>
internal sealed class PartitionRouter(
    string self, IClusterViews views, IPartitionAppends local, IRemoteAppends remote, TenantRoutes routes, RouterOptions options, RouterMetrics metrics, TimeProvider time)
    : IPartitionAppends
{
    private readonly ConcurrentDictionary<PartitionId, PartitionTrouble> _troubles = new();
    private int _refreshing;

    /// <inheritdoc/>
    public void Append(PartitionId partition, AppendRequest request) => _ = RouteAsync(partition, request);

    private async Task RouteAsync(PartitionId partition, AppendRequest request)
    {
        try
        {
            var wait = _troubles.TryGetValue(partition, out var trouble) ? trouble.Patience(options, time) : options.FailoverWait;
            var last = wait > TimeSpan.Zero ? await TryUntilAsync(partition, request, wait) : default(Attempt?);
            if (last is not { Result.MayMove: false } || (last is { Result.RetryableFailure: not null } && trouble is not null))
            {
                last = await RerouteAsync(partition, request) ?? last;
            }

            if (last is { } counts)
            {
                // Not what other attempts rejected: their samples are in the answer of this one.
                request.Rejections.Merge(counts.Request.Rejections);
            }

            request.Complete(last?.Result ?? new AppendResult(default, trouble?.Reason ?? $"partition {partition} is not available"));
        }
        catch (Exception exception)
        {
            // The sender is told whatever it is, and tries again.
            request.Fail(exception);
        }
    }

    private async Task<Attempt?> RerouteAsync(PartitionId partition, AppendRequest request)
    {
        var order = routes.Of(request.Tenant).Order.ToArray();
        var place = Array.IndexOf(order, partition);
        for (var step = 1; step <= Math.Min(options.RerouteAttempts, order.Length - 1); step++)
        {
            var next = order[(place + step) % order.Length];
            if (_troubles.TryGetValue(next, out var trouble) && !trouble.MayProbe(options, time))
            {
                continue;
            }

            var attempt = await TryUntilAsync(next, request, options.RerouteWait);
            if (attempt.Result.MayMove)
            {
                continue;
            }

            metrics.Rerouted();
            return attempt;
        }

        return null;
    }

    private async Task<Attempt> TryUntilAsync(PartitionId partition, AppendRequest request, TimeSpan wait)
    {
        var started = time.GetTimestamp();
        for (var (left, pause) = (wait, options.FirstPause); ; pause = pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause)
        {
            var patience = left > options.CallDeadline ? options.CallDeadline : left;
            var attempt = request.Again(AppendRequest.DeadlineAfter(patience, time));
            var begun = time.GetTimestamp();
            var result = await TryAsync(partition, attempt, patience);
            if (result.MayMove)
            {
                // It counts from when the partition was asked, which may have kept the request waiting all the while; not from before a pause of this process.
                var since = Math.Max(begun, AppendRequest.DeadlineAfter(-patience, time));
                _troubles.GetOrAdd(partition, static (_, since) => new PartitionTrouble(since), since).Reason = result.RetryableFailure;
            }
            else if (result.RetryableFailure is null)
            {
                _troubles.TryRemove(partition, out _);
            }

            if (result.MayMove && time.GetElapsedTime(started) + pause < wait)
            {
                metrics.Retried();
                RefreshOldView();
                await Task.Delay(pause, time);
                left = wait - time.GetElapsedTime(started);
                if (left > TimeSpan.Zero)
                {
                    continue;
                }
            }

            return new Attempt(attempt, result);
        }
    }

    private async Task<AppendResult> TryAsync(PartitionId partition, AppendRequest request, TimeSpan deadline)
    {
        var view = views.Current;
        var primary = PlacementPlanner.PrimaryOf(view, partition);
        if (primary is null)
        {
            return new AppendResult(default, "no node of the cluster takes samples", MayMove: true);
        }

        if (primary == self)
        {
            local.Append(partition, request);
            return await request.Completion;
        }

        if (view.LastKnown(primary) is not { } node)
        {
            return new AppendResult(default, $"node {primary}, which leads partition {partition}, is not known", MayMove: true);
        }

        // One without a lease is dead more often than not, and another one is about to lead: that must not be found out ten seconds late.
        var limit = deadline > options.RerouteWait && view.Find(primary) is null ? options.RerouteWait : deadline;
        switch (await remote.AppendAsync(node.Address, node.Id, partition, request, limit, CancellationToken.None))
        {
            case RemoteAppendOutcome.Answered answered:
                return answered.Result;
            case RemoteAppendOutcome.NotPrimary notPrimary:
                if (notPrimary.KnownEntry is { } entry)
                {
                    views.Learned(partition, entry);
                }

                return new AppendResult(default, $"node {node.Id} does not lead partition {partition}", MayMove: true);
            case RemoteAppendOutcome.Unreachable unreachable:
                return new AppendResult(default, $"partition {partition}: {unreachable.Reason}", MayMove: true);
            default:
                throw new InvalidOperationException("unknown outcome of a remote append");
        }
    }

    /// <summary>
    /// An old view is read anew during the pauses, by one reading at a time: requests do not wait for it, since a store that is slow or away would keep them
    /// from a primary that is well.
    /// </summary>
    private void RefreshOldView()
    {
        if (views.Current.Age(time) > options.MaxViewAge && Interlocked.Exchange(ref _refreshing, 1) == 0)
        {
            _ = TryRefreshAsync();
        }
    }

    private async Task TryRefreshAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(options.CallDeadline, time);
            await views.RefreshAsync(patience.Token);
        }
        catch (Exception exception) when (exception is CoordinationException or OperationCanceledException)
        {
            // What is known goes on being used.
        }
        finally
        {
            Volatile.Write(ref _refreshing, 0);
        }
    }

    /// <summary>A request as it was put to a partition, with what became of it.</summary>
    private readonly record struct Attempt(AppendRequest Request, AppendResult Result);
}
