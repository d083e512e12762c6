using Deucalion.Common.Samples;

namespace Deucalion.Testing.RemoteWrite;

/// <summary>A series as a sender has it: what both versions of the protocol can say, and what only 2.0 can.</summary>
public sealed record SentSeries(params (string Name, string Value)[] Labels)
{
    public IReadOnlyList<SentSample> Samples { get; init; } = [];

    public IReadOnlyList<SentHistogram> Histograms { get; init; } = [];

    public IReadOnlyList<SentExemplar> Exemplars { get; init; } = [];

    /// <summary>2.0 in its first drafts: start time of all samples.</summary>
    public long CreatedTime { get; init; }

    /// <summary>2.0: type, help and unit of the metric.</summary>
    public (int Type, string Help, string Unit)? Metadata { get; init; }
}

/// <summary>A float; only 2.0 sends a start time.</summary>
public sealed record SentSample(long Time, double Value, long StartTime = 0);

/// <summary>A histogram whose counts are sent as integers, which they must be then, or as floats. Only 2.0 sends a start time.</summary>
public sealed record SentHistogram(long Time, FloatHistogram Value, bool IsInteger, long StartTime = 0);

/// <summary>An exemplar.</summary>
public sealed record SentExemplar(long Time, double Value, params (string Name, string Value)[] Labels);
