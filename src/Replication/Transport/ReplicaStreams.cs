using Deucalion.Common.Identifiers;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Transport;

/// <summary>
/// The sending side of the transport: a <see cref="PeerStream"/> for each node that something is sent to, and the transfers of checkpoints. What a node
/// sends to itself goes straight to its inbox. Messages that the version of the protocol in effect does not have are dropped. Disposing it ends all streams and transfers.
/// </summary>
internal sealed class ReplicaStreams(TransportParts parts) : IReplicaTransport, IAsyncDisposable
{
    private readonly Dictionary<NodeId, PeerStream> _peers = [];
    private readonly CheckpointSender _checkpoints = new(parts);
    private bool _disposed;

    /// <inheritdoc/>
    public void Send(NodeId to, PartitionId partition, ReplicaMessage message)
    {
        if (parts.SentSince(message) > parts.Protocol())
        {
            parts.Metrics.Dropped(ReplicaMessageKinds.NameOf(message), "version");
            return;
        }

        if (to == parts.Self)
        {
            parts.Inbox.Receive(to, partition, message);
            return;
        }

        PeerOf(to)?.Send(partition, message);
    }

    /// <inheritdoc/>
    public bool SendCheckpoint(NodeId to, PartitionId partition, long term, Func<Stream> open) => _checkpoints.Send(to, partition, term, open);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        List<PeerStream> peers;
        lock (_peers)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            peers = [.. _peers.Values];
        }

        await _checkpoints.DisposeAsync();
        foreach (var peer in peers)
        {
            await peer.DisposeAsync();
        }
    }

    private PeerStream? PeerOf(NodeId node)
    {
        lock (_peers)
        {
            if (!_peers.TryGetValue(node, out var peer) && !_disposed)
            {
                _peers.Add(node, peer = new PeerStream(node, parts, new Random(parts.Random.Next())));
            }

            return peer;
        }
    }
}
