using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Protobuf;
using Deucalion.Common.Wire;
using Deucalion.Replication.PartitionLog.Core;
using Google.Protobuf;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Deucalion.Replication.Transport;

/// <summary>
/// The receiving side of the transport. Of a node one stream at a time is read: when it has connected again, what is left of the stream before does
/// not come in between. A message that is malformed is dropped, counted and logged, one of an unknown kind dropped and counted: others on
/// the same stream are of other partitions. Thread-safe.
/// </summary>
internal sealed partial class ReplicaEndpoint(TransportParts parts)
{
    private readonly ILogger<ReplicaEndpoint> _logger = parts.Loggers.CreateLogger<ReplicaEndpoint>();
    private readonly CheckpointReceiver _checkpoints = new(parts);
    private readonly Places<NodeId> _streams = new();

    /// <summary>Maps the calls.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapWireStream(ReplicaProtocol.Messages, MessagesAsync);
        endpoints.MapWireStream(
            ReplicaProtocol.Checkpoint, (call, stream, cancellationToken) => _checkpoints.ReceiveAsync(ReplicaProtocol.CallerOf(call), stream, cancellationToken));
    }

    private async Task MessagesAsync(WireCall call, IWireStream stream, CancellationToken cancellationToken)
    {
        var from = ReplicaProtocol.CallerOf(call);
        using var place = await _streams.TakeAsync(from, 0, cancellationToken);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, place.Displaced);
        try
        {
            await ReceiveAsync(from, stream, ended.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WireException(WireStatus.Aborted, "another stream has taken the place of this one");
        }
    }

    private async Task ReceiveAsync(NodeId from, IWireStream stream, CancellationToken cancellationToken)
    {
        var welcome = new ReplicaWelcome { Node = ReplicaProtocol.NameOf(parts.Self), Protocol = ReplicaProtocol.Version };
        await stream.SendAsync(welcome.ToByteArray(), cancellationToken);
        while (await stream.ReceiveAsync(cancellationToken) is { } message)
        {
            using (message)
            {
                parts.Metrics.ReceivedBytes(message.Payload.Length);
                Deliver(from, message.Payload.Span);
            }
        }
    }

    private void Deliver(NodeId from, ReadOnlySpan<byte> frame)
    {
        var reader = new ProtobufReader(frame);
        try
        {
            while (ReplicaMessageCodec.TryNext(ref reader, frame.Length, out var offset, out var length))
            {
                DeliverOne(from, frame.Slice(offset, length));
            }
        }
        catch (ReplicaMessageFormatException exception)
        {
            throw new WireException(WireStatus.InvalidArgument, exception.Message, exception);
        }
    }

    private void DeliverOne(NodeId from, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var partition = ReplicaMessageCodec.Read(bytes, out var message);
            if (message is null)
            {
                parts.Metrics.Dropped(ReplicaMessageKinds.Unknown, ReplicaMessageKinds.Unknown);
                return;
            }

            parts.Metrics.Received(ReplicaMessageKinds.NameOf(message));
            parts.Inbox.Receive(from, partition, message);
        }
        catch (ReplicaMessageFormatException exception)
        {
            parts.Metrics.Dropped(ReplicaMessageKinds.Unknown, "malformed");
            LogMalformed(_logger, from, exception.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "A message of node {Node} was dropped: {Reason}")]
    private static partial void LogMalformed(ILogger logger, NodeId node, string reason);
}
