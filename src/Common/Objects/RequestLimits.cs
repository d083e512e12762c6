namespace Deucalion.Common.Objects;

/// <summary>How long requests to a remote store may take, and how they are repeated.</summary>
public sealed record RequestLimits
{
    /// <summary>Longest time for one attempt of a request without its body; bodies have a second more for each <see cref="SlowestBytesPerSecond"/>.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time for a request with its repetitions, likewise without its body.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Slower transfers are given up and repeated.</summary>
    public long SlowestBytesPerSecond { get; init; } = 1 << 20;

    /// <summary>Wait before the first repetition; it doubles up to <see cref="LongestBackoff"/>, and half of it is chance.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait before a repetition.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(5);
}
