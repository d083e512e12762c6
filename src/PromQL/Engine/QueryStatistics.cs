namespace Deucalion.PromQL.Engine;

/// <summary>What a query cost.</summary>
public sealed record QueryStatistics
{
    /// <summary>Samples that the steps looked at: overlapping windows count a sample several times.</summary>
    public long TotalQueryableSamples { get; init; }

    /// <summary>Samples read from the source, each once a selector.</summary>
    public long SamplesRead { get; init; }

    /// <summary>Most samples held at a time.</summary>
    public long PeakSamples { get; init; }

    /// <summary>Most bytes held at a time by columns, buffers, histograms and state of operators.</summary>
    public long PeakBytes { get; init; }

    /// <summary>Time for parsing and planning.</summary>
    public TimeSpan PrepareTime { get; init; }

    /// <summary>Time for finding the series and evaluating.</summary>
    public TimeSpan EvaluationTime { get; init; }

    /// <summary>Time for sorting and shaping the result.</summary>
    public TimeSpan ResultTime { get; init; }
}
