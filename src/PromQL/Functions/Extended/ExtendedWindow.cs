using Deucalion.Common.Samples;
using Deucalion.PromQL.Functions.Ranges;

namespace Deucalion.PromQL.Functions.Extended;

/// <summary>
/// The samples of an anchored or smoothed window: those inside, the last one at or before its start and, where smoothed, the first one
/// at or behind its end.
/// </summary>
internal struct ExtendedWindow
{
    private Window _floats;
    private Window _histograms;

    /// <summary>The floats that belong to the window, edges included.</summary>
    public Window Floats { get; private set; }

    /// <summary>The histograms that belong to the window, edges included.</summary>
    public Window Histograms { get; private set; }

    /// <summary>Moves forward. False where all samples lie at or before its start, or all behind its end.</summary>
    public bool Move(in RangeInput input, long start, long end, bool smoothed)
    {
        var times = input.Samples.Times;
        var histograms = input.Samples.Histograms;
        var (before, after) = input.Source.Margin;
        _floats.Move(times, start - before, end + after);
        _histograms.Move(histograms, start - before, end + after);
        var floats = _floats;
        var others = _histograms;
        SkipToAnchor(times, histograms, start, ref floats, ref others);
        if (smoothed)
        {
            CutBehind(times, histograms, end, ref floats, ref others);
        }

        Floats = floats;
        Histograms = others;
        var firstFloat = floats.Count > 0 ? times[floats.Low] : long.MaxValue;
        var firstHistogram = others.Count > 0 ? histograms[others.Low].Time : long.MaxValue;
        var lastFloat = floats.Count > 0 ? times[floats.High - 1] : long.MinValue;
        var lastHistogram = others.Count > 0 ? histograms[others.High - 1].Time : long.MinValue;
        return Math.Max(lastFloat, lastHistogram) > start && Math.Min(firstFloat, firstHistogram) <= end;
    }

    /// <summary>Of the samples at or before the start only the last one stays, whatever its kind.</summary>
    private static void SkipToAnchor(
        ReadOnlySpan<long> times, ReadOnlySpan<HistogramSample> histograms, long start, ref Window floats, ref Window others)
    {
        while (floats.Low + 1 < floats.High && times[floats.Low + 1] <= start)
        {
            floats.Low++;
        }

        while (others.Low + 1 < others.High && histograms[others.Low + 1].Time <= start)
        {
            others.Low++;
        }

        var anchorFloat = floats.Count > 0 && times[floats.Low] <= start;
        var anchorHistogram = others.Count > 0 && histograms[others.Low].Time <= start;
        if (anchorFloat && anchorHistogram)
        {
            var floatIsNewer = times[floats.Low] > histograms[others.Low].Time;
            floats.Low += floatIsNewer ? 0 : 1;
            others.Low += floatIsNewer ? 1 : 0;
        }
    }

    /// <summary>Of the samples at or behind the end only the first one stays.</summary>
    private static void CutBehind(
        ReadOnlySpan<long> times, ReadOnlySpan<HistogramSample> histograms, long end, ref Window floats, ref Window others)
    {
        while (floats.Count > 1 && times[floats.High - 2] >= end)
        {
            floats.High--;
        }

        while (others.Count > 1 && histograms[others.High - 2].Time >= end)
        {
            others.High--;
        }
    }
}
