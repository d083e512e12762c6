using Deucalion.Common.Labels;
using Deucalion.Common.Samples;

namespace Deucalion.PromQL.Sources;

/// <summary>The series found by one select, each label set once, in unspecified order.</summary>
public interface ISeriesSet : IDisposable
{
    /// <summary>Number of series.</summary>
    int Count { get; }

    /// <summary>Texts for the response's warnings.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>The label pairs that the series have; all of them are there once the set is.</summary>
    LabelPairs Pairs { get; }

    /// <summary>Numbers of the pairs of series <paramref name="index"/>, in order of their names. Callable from several threads.</summary>
    ReadOnlySpan<int> PairsAt(int index);

    /// <summary>Labels of series <paramref name="index"/>, made for the call. Callable from several threads.</summary>
    Labels LabelsAt(int index);

    /// <summary>
    /// Replaces the content of <paramref name="buffer"/> by the samples of series <paramref name="index"/> with
    /// MinTime ≤ time ≤ MaxTime of the request, duplicates already resolved, stale markers included. May be called for any series,
    /// several times, from several threads with different buffers.
    /// </summary>
    void Read(int index, SampleBuffer buffer);
}
