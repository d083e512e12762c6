namespace Deucalion.PromQL.Engine;

/// <summary>Settings of a <see cref="PromQlEngine"/>; the defaults are those of a Prometheus server.</summary>
public sealed class EngineOptions
{
    /// <summary>How far an instant selector looks back, milliseconds. Prometheus's default.</summary>
    public long LookbackDeltaMs { get; init; } = 5 * 60 * 1000;

    /// <summary>Most samples one query may hold at a time; a float counts one. Prometheus's default.</summary>
    public long MaxSamples { get; init; } = 50_000_000;

    /// <summary>Most memory one query may hold at a time for columns, buffers, histograms and state, bytes. 1 GiB: a dashboard's heaviest panel needs a tenth.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>Longest run time of a query.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Step of subqueries that name none, milliseconds.</summary>
    public long DefaultEvaluationIntervalMs { get; init; } = 60 * 1000;

    /// <summary>Most threads that one query uses; 0 is the number of cores.</summary>
    public int MaxWorkers { get; init; }

    /// <summary>Experimental functions and aggregations.</summary>
    public bool ExperimentalFunctions { get; init; }

    /// <summary>Metric names are dropped at the end of a query rather than by each function.</summary>
    public bool DelayedNameRemoval { get; init; }

    /// <summary>The <c>anchored</c> and <c>smoothed</c> modifiers.</summary>
    public bool ExtendedRangeSelectors { get; init; }

    /// <summary>The <c>fill</c> modifiers of binary operators.</summary>
    public bool FillModifiers { get; init; }

    /// <summary>Start timestamps are used for counter resets and extrapolation.</summary>
    public bool UseStartTimestamps { get; init; }

    /// <summary>The type of a metric is read from its <c>__type__</c> label.</summary>
    public bool TypeAndUnitLabels { get; init; }
}
