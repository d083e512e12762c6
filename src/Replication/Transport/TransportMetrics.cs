using System.Diagnostics.Metrics;

namespace Deucalion.Replication.Transport;

/// <summary>Metrics of what travels between replicas; one of a process serves both sides. Thread-safe.</summary>
public sealed class TransportMetrics
{
    private static readonly KeyValuePair<string, object?> DirectionSent = new("direction", "sent");
    private static readonly KeyValuePair<string, object?> DirectionReceived = new("direction", "received");

    private readonly Counter<long> _messages;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _dropped;
    private readonly UpDownCounter<long> _peers;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _checkpoints;
    private readonly Counter<long> _checkpointBytes;

    /// <summary>Creates the instruments.</summary>
    public TransportMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Deucalion.Replication.Transport");
        _messages = meter.CreateCounter<long>("deucalion_replication_messages_total", description: "Messages between replicas, by kind and direction.");
        _bytes = meter.CreateCounter<long>("deucalion_replication_bytes_total", "bytes", "Bytes of messages between replicas, by direction.");
        _dropped = meter.CreateCounter<long>("deucalion_replication_messages_dropped_total", description: "Messages that were not sent or not taken, by kind and reason.");
        _peers = meter.CreateUpDownCounter<long>("deucalion_replication_connected_peers", description: "Nodes to which a stream of messages stands.");
        _failures = meter.CreateCounter<long>("deucalion_replication_connection_failures_total", description: "Streams of messages that could not be opened, or ended.");
        _checkpoints = meter.CreateCounter<long>("deucalion_replication_checkpoints_total", description: "Checkpoints sent to or received from other nodes, by direction and result.");
        _checkpointBytes = meter.CreateCounter<long>("deucalion_replication_checkpoint_bytes_total", "bytes", "Bytes of checkpoints sent to or received from other nodes, by direction.");
    }

    internal void Sent(string kind) => _messages.Add(1, Kind(kind), DirectionSent);

    internal void Received(string kind) => _messages.Add(1, Kind(kind), DirectionReceived);

    internal void SentBytes(int bytes) => _bytes.Add(bytes, DirectionSent);

    internal void ReceivedBytes(int bytes) => _bytes.Add(bytes, DirectionReceived);

    internal void Dropped(string kind, string reason) => _dropped.Add(1, Kind(kind), new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Messages were given to a stream that failed.</summary>
    internal void Lost(int count) => _dropped.Add(count, Kind("any"), new KeyValuePair<string, object?>("reason", "lost"));

    internal void Connected(int change) => _peers.Add(change);

    internal void ConnectionFailed() => _failures.Add(1);

    internal void CheckpointSent(string result) => _checkpoints.Add(1, DirectionSent, new KeyValuePair<string, object?>("result", result));

    internal void CheckpointReceived(string result) => _checkpoints.Add(1, DirectionReceived, new KeyValuePair<string, object?>("result", result));

    internal void CheckpointBytesSent(int bytes) => _checkpointBytes.Add(bytes, DirectionSent);

    internal void CheckpointBytesReceived(int bytes) => _checkpointBytes.Add(bytes, DirectionReceived);

    private static KeyValuePair<string, object?> Kind(string kind) => new("kind", kind);
}
