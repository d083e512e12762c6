using System.Diagnostics.CodeAnalysis;
using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Wire;
using Deucalion.Replication.PartitionLog.Core;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Transport;

/// <summary>
/// Takes checkpoints in: one at a time for each partition, where a newer transfer, unless it is of an older term, ends the one before; a few at a time for
/// the node, the others wait. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no wait handle: nothing to dispose.")]
internal sealed partial class CheckpointReceiver(TransportParts parts)
{
    private readonly ILogger<CheckpointReceiver> _logger = parts.Loggers.CreateLogger<CheckpointReceiver>();
    private readonly SemaphoreSlim _slots = new(parts.Options.MaxTransfers);
    private readonly Places<PartitionId> _places = new();

    /// <summary>Serves one transfer.</summary>
    public async Task ReceiveAsync(NodeId from, IWireStream stream, CancellationToken cancellationToken)
    {
        try
        {
            var (partition, term) = await StartAsync(stream, cancellationToken);
            using var place = await _places.TakeAsync(partition, term, cancellationToken);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, place.Displaced);
            var length = await StoreAsync(from, partition, term, stream, ended.Token);
            parts.Metrics.CheckpointReceived("success");
            LogReceived(_logger, partition, length, from);
        }
        catch (Exception exception)
        {
            parts.Metrics.CheckpointReceived("failure");
            LogFailed(_logger, from, exception.Message);
            throw exception switch
            {
                ReplicaMessageFormatException => new WireException(WireStatus.DataLoss, exception.Message, exception),
                TimeoutException => new WireException(WireStatus.Aborted, "the transfer makes no progress", exception),
                IOException and not WireException => new WireException(WireStatus.ResourceExhausted, exception.Message, exception),
                OperationCanceledException when !cancellationToken.IsCancellationRequested => new WireException(WireStatus.Aborted, "another transfer has taken the place of this one", exception),
                _ => exception,
            };
        }
    }

    private async Task<long> StoreAsync(NodeId from, PartitionId partition, long term, IWireStream stream, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            var path = parts.Inbox.IncomingCheckpointPath(partition);
            using var file = new IncomingCheckpoint(parts.Disk, path, parts.Options.ReserveBytes);
            await stream.SendAsync(new CheckpointAnswer().ToByteArray(), cancellationToken);
            var length = await CopyAsync(stream, file, cancellationToken);
            parts.Inbox.CheckpointReceived(from, partition, term, path);
            await stream.SendAsync(new CheckpointAnswer { Stored = length }.ToByteArray(), cancellationToken);
            return length;
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<long> CopyAsync(IWireStream stream, IncomingCheckpoint file, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var message = await NextAsync(stream, cancellationToken);
            var frame = CheckpointFrame.Read(message.Payload.Span);
            if (frame.Data.Length > 0)
            {
                file.Append(frame.Offset, frame.Data);
                parts.Metrics.CheckpointBytesReceived(frame.Data.Length);
            }

            if (frame.End is { } end)
            {
                file.Complete(end.Length, end.Crc);
                return end.Length;
            }
        }
    }

    private async Task<(PartitionId Partition, long Term)> StartAsync(IWireStream stream, CancellationToken cancellationToken)
    {
        using var message = await NextAsync(stream, cancellationToken);
        return CheckpointFrame.Read(message.Payload.Span).Start is { Partition: >= 0, Term: > 0 } start
            ? (new PartitionId(start.Partition), start.Term)
            : throw new ReplicaMessageFormatException("a transfer does not say of what");
    }

    private async Task<WireMessage> NextAsync(IWireStream stream, CancellationToken cancellationToken)
    {
        var receiving = stream.ReceiveAsync(cancellationToken).AsTask();
        return await receiving.WaitAsync(parts.Options.TransferTimeout, parts.Time, cancellationToken)
            ?? throw new ReplicaMessageFormatException("a transfer ends before its end");
    }

    [LoggerMessage(1, LogLevel.Information, "Checkpoint of partition {Partition}, {Bytes} bytes, received from node {Node}")]
    private static partial void LogReceived(ILogger logger, PartitionId partition, long bytes, NodeId node);

    [LoggerMessage(2, LogLevel.Warning, "A checkpoint of node {Node} was not received: {Reason}")]
    private static partial void LogFailed(ILogger logger, NodeId node, string reason);
}
