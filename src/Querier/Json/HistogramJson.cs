using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;

namespace Deucalion.Querier.Json;

/// <summary>Native histograms as JSON.</summary>
internal static class HistogramJson
{
    /// <summary>Appends the histogram as an object: count, sum, and the populated buckets from the lowest to the highest.</summary>
    public static void Write(JsonOutput output, FloatHistogram histogram)
    {
        output.Raw("{\"count\":"u8);
        WriteNumber(output, histogram.Count);
        output.Raw(",\"sum\":"u8);
        WriteNumber(output, histogram.Sum);
        var buckets = new List<HistogramBucket>();
        HistogramBuckets.List(histogram, buckets);
        var first = true;
        foreach (var bucket in buckets)
        {
            if (bucket.Count == 0)
            {
                continue;
            }

            output.Raw(first ? ",\"buckets\":[["u8 : ",["u8);
            first = false;
            output.Number(BoundaryKind(bucket));
            output.Raw((byte)',');
            WriteNumber(output, bucket.Lower);
            output.Raw((byte)',');
            WriteNumber(output, bucket.Upper);
            output.Raw((byte)',');
            WriteNumber(output, bucket.Count);
            output.Raw((byte)']');
        }

        output.Raw(first ? "}"u8 : "]}"u8);
    }

    private static int BoundaryKind(in HistogramBucket bucket) => (bucket.LowerInclusive, bucket.UpperInclusive) switch
    {
        (false, true) => 0,
        (true, false) => 1,
        (false, false) => 2,
        (true, true) => 3,
    };

    private static void WriteNumber(JsonOutput output, double value)
    {
        output.Raw((byte)'"');
        output.Advance(SampleText.WriteValue(output.Reserve(SampleText.MaxFloatLength), value));
        output.Raw((byte)'"');
    }
}
