using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Sources;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>Series selected from a <see cref="MemoryStore"/>.</summary>
internal sealed class MemorySeriesSet(List<MemorySeries> series, long minTime, long maxTime) : ISeriesSet
{
    public int Count => series.Count;

    public IReadOnlyList<string> Warnings => [];

    public Labels LabelsAt(int index) => series[index].Labels;

    public void Read(int index, SampleBuffer buffer)
    {
        buffer.Clear();
        series[index].Read(minTime, maxTime, buffer);
    }

    public void Dispose()
    {
    }
}
