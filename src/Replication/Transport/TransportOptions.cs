using Deucalion.Common.Wire;

namespace Deucalion.Replication.Transport;

/// <summary>How messages and checkpoints travel between replicas.</summary>
public sealed record TransportOptions
{
    /// <summary>
    /// Bytes that may wait for one peer before something is added; what comes when more do is dropped, and the protocol sends it again. A message of any size gets in
    /// that way, so one may wait beyond. More than the windows of all partitions need, and so much that the largest record does not keep heartbeats out.
    /// </summary>
    public long QueueBytes { get; init; } = 128L << 20;

    /// <summary>Bytes of messages that are sent together.</summary>
    public int FrameBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of records above which an append is sent as several, so that others come in between.</summary>
    public int MessageBytes { get; init; } = 4 << 20;

    /// <summary>Largest frame: what calls take. Every record that a journal takes fits; one that did not could not be replicated.</summary>
    public int MaxFrameBytes { get; init; } = WireServerOptions.DefaultMaxMessageSize;

    /// <summary>Pause after a connection was lost; it doubles with every failure up to <see cref="MaxReconnectDelay"/>, and varies by half.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause between attempts to connect.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A peer that does not take a stream for so long is taken for lost, as is one that does not take a frame; a large one gets the time that it takes at
    /// <see cref="LeastBytesPerSecond"/> besides.
    /// </summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes in a second with which frames are expected to be taken at least.</summary>
    public int LeastBytesPerSecond { get; init; } = 1 << 20;

    /// <summary>Checkpoints that are sent at a time, and that are received at a time, by a node.</summary>
    public int MaxTransfers { get; init; } = 2;

    /// <summary>A transfer that makes no progress for so long is given up.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes in a second of each transfer; null: as fast as it goes.</summary>
    public long? TransferBytesPerSecond { get; init; }

    /// <summary>Free bytes of the disk below which no checkpoint is taken in: they are for what frees space.</summary>
    public long ReserveBytes { get; init; } = 64L << 20;
}
