using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.Operators.Selectors;

/// <summary>
/// Reduces histograms to count and sum, for functions that need no more. Resets are looked for before the buckets are gone, and
/// remembered in the hints.
/// </summary>
internal static class HistogramTotals
{
    public static void Reduce(SampleBuffer buffer)
    {
        FloatHistogram? previous = null;
        for (var i = 0; i < buffer.Histograms.Length; i++)
        {
            var sample = buffer.Histograms[i];
            var histogram = sample.Histogram;
            if (SpecialValues.IsStaleNaN(histogram.Sum))
            {
                continue;
            }

            var hint = histogram.CounterResetHint;
            if (hint == CounterResetHint.Unknown && previous is not null)
            {
                hint = HistogramComparison.DetectReset(histogram, previous) ? CounterResetHint.CounterReset : CounterResetHint.NotCounterReset;
            }

            previous = histogram;
            buffer.ReplaceHistogram(
                i,
                new FloatHistogram { CounterResetHint = hint, Schema = histogram.Schema, Count = histogram.Count, Sum = histogram.Sum });
        }
    }
}
