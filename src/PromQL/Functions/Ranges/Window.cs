using System.Runtime.CompilerServices;
using Deucalion.Common.Samples;

namespace Deucalion.PromQL.Functions.Ranges;

/// <summary>The samples [Low, High) of a series that lie in a window moving forward.</summary>
internal struct Window
{
    public int Low;
    public int High;

    public readonly int Count => High - Low;

    /// <summary>Moves to start &lt; time ≤ end. Neither bound may go back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Move(ReadOnlySpan<long> times, long start, long end)
    {
        while (High < times.Length && times[High] <= end)
        {
            High++;
        }

        while (Low < High && times[Low] <= start)
        {
            Low++;
        }
    }

    /// <summary>The same for histograms.</summary>
    public void Move(ReadOnlySpan<HistogramSample> samples, long start, long end)
    {
        while (High < samples.Length && samples[High].Time <= end)
        {
            High++;
        }

        while (Low < High && samples[Low].Time <= start)
        {
            Low++;
        }
    }
}
