namespace Deucalion.Ingester.Remote;

/// <summary>Bounds of what appends from other nodes hold at once.</summary>
public sealed record RemoteAppendOptions
{
    /// <summary>Bytes of calls under way, above which further ones are told to try again.</summary>
    public long MaxInFlightBytes { get; init; } = 256L << 20;

    /// <summary>Calls under way, above which further ones are told to try again.</summary>
    public int MaxInFlightCalls { get; init; } = 4096;
}
