using System.Text;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Engine;
using Deucalion.Querier.Json;
using Xunit;

namespace Deucalion.Querier.Tests.Json;

public sealed class QueryResultJsonTests
{
    private static readonly FloatHistogram Exponential = new()
    {
        Schema = 0,
        ZeroThreshold = 0.001,
        ZeroCount = 2,
        Count = 12.5,
        Sum = -3,
        PositiveSpans = [new(0, 2), new(1, 1)],
        PositiveBuckets = [1, 0, 4.5],
        NegativeSpans = [new(1, 2)],
        NegativeBuckets = [2, 3],
    };

    [Fact]
    public void WritesBucketsFromTheLowest_ForAnExponentialHistogram() => Assert.Equal(
        "{\"metric\":{\"__name__\":\"h\"},\"histogram\":[1.500,{\"count\":\"12.5\",\"sum\":\"-3\",\"buckets\":"
        + "[[1,\"-4\",\"-2\",\"3\"],[1,\"-2\",\"-1\",\"2\"],[3,\"-0.001\",\"0.001\",\"2\"],[0,\"0.5\",\"1\",\"1\"],[0,\"4\",\"8\",\"4.5\"]]}]}",
        Text(o => QueryResultJson.WriteSample(o, new ResultSeries(Labels.Of(("__name__", "h")), [1500], [SpecialValues.StaleNaN], [Exponential]))));

    [Fact]
    public void WritesInfiniteBounds_ForCustomBuckets() => Assert.Equal(
        "{\"count\":\"6\",\"sum\":\"9\",\"buckets\":[[3,\"-Inf\",\"0.5\",\"1\"],[0,\"0.5\",\"2\",\"2\"],[0,\"2\",\"+Inf\",\"3\"]]}",
        Text(o => HistogramJson.Write(o, new FloatHistogram
        {
            Schema = FloatHistogram.CustomBucketsSchema,
            Count = 6,
            Sum = 9,
            CustomValues = [0.5, 2],
            PositiveSpans = [new(0, 3)],
            PositiveBuckets = [1, 2, 3],
        })));

    [Fact]
    public void OmitsBuckets_WhenThereAreNone() =>
        Assert.Equal("{\"count\":\"0\",\"sum\":\"NaN\"}", Text(o => HistogramJson.Write(o, new FloatHistogram { Sum = double.NaN })));

    [Fact]
    public void WritesFloatsAndHistogramsApart_ForAMixedSeries()
    {
        var small = new FloatHistogram { Count = 1, Sum = 2 };
        Assert.Equal(
            "{\"metric\":{},\"values\":[[1,\"5\"],[3,\"NaN\"]],\"histograms\":[[2,{\"count\":\"1\",\"sum\":\"2\"}]]}",
            Text(o => QueryResultJson.WriteSeries(
                o,
                new ResultSeries(Labels.Empty, [1000, 2000, 3000], [5, SpecialValues.StaleNaN, double.NaN], [null, small, null]))));
        Assert.Equal(
            "{\"metric\":{},\"histograms\":[[2,{\"count\":\"1\",\"sum\":\"2\"}]]}",
            Text(o => QueryResultJson.WriteSeries(o, new ResultSeries(Labels.Empty, [2000], [SpecialValues.StaleNaN], [small]))));
    }

    [Fact]
    public void WritesEveryPointOnce_ForALongSeries()
    {
        var times = Enumerable.Range(0, 11_001).Select(i => i * 1000L).ToArray();
        var text = Text(o => QueryResultJson.WriteSeries(o, new ResultSeries(Labels.Empty, times, Array.ConvertAll(times, t => t / 1000.0), null)));
        Assert.Equal($"{{\"metric\":{{}},\"values\":[{string.Join(',', times.Select(t => $"[{t / 1000},\"{t / 1000}\"]"))}]}}", text);
    }

    private static string Text(Action<JsonOutput> write)
    {
        using var output = new JsonOutput();
        write(output);
        return Encoding.UTF8.GetString(output.Written.Span);
    }
}
