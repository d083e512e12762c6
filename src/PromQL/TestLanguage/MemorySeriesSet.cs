using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Series selected from a <see cref="MemoryStore"/>.</summary>
internal sealed class MemorySeriesSet(List<MemorySeries> series, long minTime, long maxTime) : ISeriesSet
{
    private readonly LabelSets _labels = LabelSets.Of(series.Select(static s => s.Labels));

    public int Count => series.Count;

    public IReadOnlyList<string> Warnings => [];

    public LabelPairs Pairs => _labels.Pairs;

    public ReadOnlySpan<int> PairsAt(int index) => _labels.PairsAt(index);

    public Labels LabelsAt(int index) => series[index].Labels;

    public void Read(int index, SampleBuffer buffer)
    {
        buffer.Clear();
        series[index].Read(minTime, maxTime, buffer);
    }

    public void Dispose() => _labels.Dispose();
}
