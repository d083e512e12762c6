using System.Globalization;
using System.Text;
using Deucalion.Common.Labels;
using Deucalion.Common.Samples;

namespace Deucalion.Storage.Tests.Head;

/// <summary>A sample on its way into a head: a float, or a histogram.</summary>
internal readonly record struct HeadSample(Labels Labels, long Time, double Value, FloatHistogram? Histogram = null, long Start = 0)
{
    /// <summary>What the sample is, start timestamp and time aside.</summary>
    public string Key => Histogram is null ? KeyOf(Value) : KeyOf(Histogram);

    public static string KeyOf(double value) => "f" + BitConverter.DoubleToUInt64Bits(value).ToString("x", CultureInfo.InvariantCulture);

    /// <summary>The value of a float's key.</summary>
    public static double FloatOf(string key) => BitConverter.UInt64BitsToDouble(ulong.Parse(key.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    /// <summary>All of a histogram that counts, however its buckets are laid out.</summary>
    public static string KeyOf(FloatHistogram h)
    {
        if (SpecialValues.IsStaleNaN(h.Sum))
        {
            return "stale histogram";
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{(h.IsInteger ? 'i' : 'h')} {h.Schema} {h.Count:r} {h.Sum:r} {h.ZeroCount:r} {h.ZeroThreshold:r}");
        Append(text, h.PositiveSpans, h.PositiveBuckets, '+');
        Append(text, h.NegativeSpans, h.NegativeBuckets, '-');
        text.Append(" b").AppendJoin(',', h.CustomValues);
        text.Append(h.CounterResetHint == CounterResetHint.Gauge ? " gauge" : "");
        return text.ToString();
    }

    private static void Append(StringBuilder text, HistogramSpan[] spans, double[] buckets, char sign)
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
                    text.Append(CultureInfo.InvariantCulture, $" {sign}{index}:{buckets[at]:r}");
                }
            }
        }
    }
}

/// <summary>What a head holds for a time.</summary>
internal readonly record struct HeldSample(string Key, long Start);
