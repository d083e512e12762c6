using System.Collections.Concurrent;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Deucalion.Replication.Transport;

namespace Deucalion.Ingester.Remote;

/// <inheritdoc cref="IRemoteAppends"/>
internal sealed class RemoteAppends(PeerChannels channels, RemoteMetrics metrics) : IRemoteAppends
{
    private readonly ConcurrentBag<AppendCallWriter> _writers = [];

    /// <inheritdoc/>
    public async Task<RemoteAppendOutcome> AppendAsync(
        string address, string nodeId, PartitionId partition, AppendRequest request, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var parts = AppendPart.Of(request);
        if (parts.Count == 1)
        {
            return await CallAsync(address, nodeId, partition, request, parts[0], request.Rejections, deadline, cancellationToken);
        }

        var stored = default(StoredCounts);
        var rejections = new Rejections();
        string? failure = null;
        foreach (var part in parts)
        {
            var outcome = await CallAsync(address, nodeId, partition, request, part, rejections, deadline, cancellationToken);
            if (outcome is not RemoteAppendOutcome.Answered(var result))
            {
                // The request goes elsewhere as a whole: what was stored is stored again or found to be there, what was rejected is rejected again.
                return outcome;
            }

            if (result.MayMove)
            {
                return new RemoteAppendOutcome.Answered(new AppendResult(default, result.RetryableFailure, MayMove: true));
            }

            stored = new StoredCounts(stored.Samples + result.Stored.Samples, stored.Histograms + result.Stored.Histograms, stored.Exemplars + result.Stored.Exemplars);
            failure ??= result.RetryableFailure;
        }

        request.Rejections.Merge(rejections);
        return new RemoteAppendOutcome.Answered(new AppendResult(stored, failure));
    }

    private async Task<RemoteAppendOutcome> CallAsync(
        string address,
        string nodeId,
        PartitionId partition,
        AppendRequest request,
        AppendPart part,
        Rejections rejections,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        if (!_writers.TryTake(out var writer))
        {
            writer = new AppendCallWriter();
        }

        var call = writer.Write(partition, request, part);
        try
        {
            var answer = await channels.To(nodeId, address).UnaryAsync(RemoteMethods.Append, call, deadline, cancellationToken);

            // Not after a failure: the call's bytes may then still be on their way.
            _writers.Add(writer);
            var outcome = AppendAnswerCodec.Read(answer.Span, rejections);
            metrics.Sent(outcome is RemoteAppendOutcome.NotPrimary ? "not_primary" : "answered");
            return outcome;
        }
        catch (Exception exception) when (exception is WireException or RemoteFormatException or ObjectDisposedException or ArgumentException)
        {
            metrics.Sent("failed");
            return new RemoteAppendOutcome.Unreachable($"node {nodeId} at {address}: {exception.Message}");
        }
    }
}
