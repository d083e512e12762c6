using Deucalion.Common.Identifiers;
using Deucalion.Ingester.Partitions;

namespace Deucalion.Ingester.Remote;

/// <summary>Appends to partitions that other nodes lead. Thread-safe.</summary>
internal interface IRemoteAppends
{
    /// <summary>
    /// Sends the request's share of its batch to a node. Never faults but by cancellation, and never completes the request: that is the caller's, who may
    /// try elsewhere. The batch is read only until the returned task completes.
    /// </summary>
    Task<RemoteAppendOutcome> AppendAsync(
        string address, string nodeId, PartitionId partition, AppendRequest request, TimeSpan deadline, CancellationToken cancellationToken);
}
