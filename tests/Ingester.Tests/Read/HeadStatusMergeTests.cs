using Deucalion.Common.Contracts;
using Deucalion.Ingester.Read;
using Xunit;

namespace Deucalion.Ingester.Tests.Read;

public sealed class HeadStatusMergeTests
{
    [Fact]
    public void CountsEachValueOnce_WhenHeadsShareSome()
    {
        var values = LabelValueSets.Union(
        [
            new() { ["job"] = ["a", "b"], ["zone"] = ["x"] },
            new() { ["job"] = ["b", "cc"] },
        ]);
        var merged = HeadStatusMerge.Merge([Status(3, [new("up", 2), new("go", 1)]), Status(2, [new("go", 2)])], values, 1);
        Assert.Equal(5, merged.Series);
        Assert.Equal(4, merged.LabelPairs);
        Assert.Equal([new NamedCount("job", 3)], merged.ValuesByLabel);
        Assert.Equal([new NamedCount("job", 4)], merged.BytesByLabel);
        Assert.Equal([new NamedCount("go", 3)], merged.SeriesByMetric);
    }

    private static HeadStatus Status(long series, IReadOnlyList<NamedCount> byMetric) => new()
    {
        Series = series,
        LabelPairs = 0,
        Chunks = 0,
        MinTime = 0,
        MaxTime = 0,
        SeriesByMetric = byMetric,
        ValuesByLabel = [],
        BytesByLabel = [],
        SeriesByPair = [],
    };
}
