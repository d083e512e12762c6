using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Ingester.Read;
using Xunit;

namespace Deucalion.Ingester.Tests.Read;

public sealed class ExemplarMergeTests
{
    [Fact]
    public void JoinsHeadsBySeries_InOrderOfTime_EqualOnesOnce()
    {
        var (a, b, c) = (Labels.Of(("__name__", "a")), Labels.Of(("__name__", "b")), Labels.Of(("__name__", "c")));
        Exemplar One(long time, double value, string trace) => new(Labels.Of(("trace_id", trace)), value, time);
        var merged = ExemplarMerge.Merge(
        [
            [new(b, [One(1, 1, "x"), One(3, 1, "x")]), new(a, [One(5, 1, "x")])],
            [new(c, [])],
            [new(b, [One(2, 1, "x"), One(3, 1, "x"), One(3, 0, "y"), One(3, 1, "a")])],
        ]);
        Assert.Equal([a, b], merged.Select(s => s.Series));
        Assert.Equal([One(1, 1, "x"), One(2, 1, "x"), One(3, 0, "y"), One(3, 1, "a"), One(3, 1, "x")], merged[1].Exemplars);
    }

    [Fact]
    public void IsEmpty_WithoutHeads() => Assert.Empty(ExemplarMerge.Merge([]));
}
