namespace Deucalion.Common.Wire;

/// <summary>How a <see cref="WireChannel"/> connects and what it says of itself.</summary>
public sealed class WireClientOptions
{
    /// <summary>TLS with these certificates; null: plain HTTP/2.</summary>
    public WireTls? Tls { get; init; }

    /// <summary>
    /// While calls are open and nothing is received for this long, the peer is asked whether it is there; the connection is given up when it does not
    /// answer within the same time again. Not below 5 s where the peer is etcd, which takes offence.
    /// </summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time until a connection stands, with TLS.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Largest message in bytes, sent and received.</summary>
    public int MaxMessageSize { get; init; } = WireServerOptions.DefaultMaxMessageSize;

    /// <summary>Calling node, 32 hexadecimal digits, sent with every call; null: not sent.</summary>
    public string? NodeId { get; init; }

    /// <summary>Version of the protocol between nodes, sent with every call; null: not sent.</summary>
    public int? Protocol { get; init; }

    /// <summary>Node that is meant to answer: another one at that address refuses the call. Null: whoever answers.</summary>
    public string? PeerNodeId { get; init; }

    /// <summary>More metadata, asked for at every call on its thread: lower-case names with ASCII values. Null: none.</summary>
    public Func<IEnumerable<KeyValuePair<string, string>>>? Metadata { get; init; }

    /// <summary>Where calls are counted; null: nowhere.</summary>
    public WireMetrics? Metrics { get; init; }

    /// <summary>Clock of deadlines.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
