namespace Deucalion.Ingester.Remote;

/// <summary>Bounds of what appends from other nodes hold at once.</summary>
public sealed record RemoteAppendOptions
{
    /// <summary>Bytes of calls under way, above which further ones are told to try again.</summary>
    public long MaxInFlightBytes { get; init; } = 256L << 20;

    /// <summary>Calls under way, above which further ones are told to try again.</summary>
    public int MaxInFlightCalls { get; init; } = 4096;

    /// <summary>How long a call waits until its partition has stored it: as long as the node that calls waits for the answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}
