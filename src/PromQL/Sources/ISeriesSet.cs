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

    /// <summary>Labels of series <paramref name="index"/>. Callable from several threads.</summary>
    Labels LabelsAt(int index);

    /// <summary>
    /// Replaces the content of <paramref name="buffer"/> by the samples of series <paramref name="index"/> with
    /// MinTime ≤ time ≤ MaxTime of the request, duplicates already resolved, stale markers included. May be called for any series,
    /// several times, from several threads with different buffers.
    /// </summary>
    void Read(int index, SampleBuffer buffer);
}
