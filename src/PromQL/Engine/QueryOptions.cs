namespace Deucalion.PromQL.Engine;

/// <summary>Settings of one query.</summary>
public sealed record QueryOptions
{
    /// <summary>The engine's settings unchanged.</summary>
    public static readonly QueryOptions Default = new();

    /// <summary>Longest run time, at most the engine's; null is the engine's.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Most samples held at a time, at most the engine's; null is the engine's.</summary>
    public long? MaxSamples { get; init; }

    /// <summary>Most bytes held at a time, at most the engine's; null is the engine's.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Measures each operator: <see cref="QueryResult.Plan"/> then has times, samples and peaks.</summary>
    public bool MeasureOperators { get; init; }

    /// <summary>Lookback in milliseconds; null is the engine's.</summary>
    public long? LookbackDeltaMs { get; init; }
}
