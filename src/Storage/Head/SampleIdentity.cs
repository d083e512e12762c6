using Deucalion.Common.Samples;

namespace Deucalion.Storage.Head;

/// <summary>
/// What tells two samples of one series and time apart: the bits of a float, or 64 bits mixed from all of a histogram that counts (schema, counts, sum,
/// zero bucket, buckets that are not empty, custom bounds), however its buckets are laid out.
/// </summary>
internal readonly record struct SampleIdentity(ulong Bits, bool IsHistogram)
{
    private const ulong Prime = 0x9e3779b97f4a7c15;

    public static SampleIdentity Of(double value) => new(BitConverter.DoubleToUInt64Bits(value), false);

    public static SampleIdentity Of(FloatHistogram histogram)
    {
        var hash = Mix(Prime, BitConverter.DoubleToUInt64Bits(histogram.Sum));
        if (SpecialValues.IsStaleNaN(histogram.Sum))
        {
            return new SampleIdentity(hash, true);
        }

        hash = Mix(hash, (ulong)(uint)histogram.Schema);
        hash = Mix(hash, BitConverter.DoubleToUInt64Bits(histogram.Count));
        hash = Mix(hash, BitConverter.DoubleToUInt64Bits(histogram.ZeroCount));
        hash = Mix(hash, BitConverter.DoubleToUInt64Bits(histogram.ZeroThreshold));
        hash = Mix(hash, histogram.PositiveSpans, histogram.PositiveBuckets);
        hash = Mix(hash, histogram.NegativeSpans, histogram.NegativeBuckets);
        if (histogram.Schema == FloatHistogram.CustomBucketsSchema)
        {
            foreach (var bound in histogram.CustomValues)
            {
                hash = Mix(hash, BitConverter.DoubleToUInt64Bits(bound));
            }
        }

        return new SampleIdentity(hash, true);
    }

    private static ulong Mix(ulong hash, HistogramSpan[] spans, double[] buckets)
    {
        long index = 0;
        var at = 0;
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0U; i < span.Length; i++, index++, at++)
            {
                if (buckets[at] != 0)
                {
                    hash = Mix(Mix(hash, (ulong)index), BitConverter.DoubleToUInt64Bits(buckets[at]));
                }
            }
        }

        return Mix(hash, 1);
    }

    private static ulong Mix(ulong hash, ulong value)
    {
        var high = Math.BigMul(hash ^ value, Prime, out var low);
        return high ^ low ^ (value << 1);
    }
}
