using Deucalion.Common.Samples;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>One position of a series line: nothing, a float or a histogram.</summary>
internal readonly record struct SeriesValue(bool Present, double Value, FloatHistogram? Histogram, bool HintGiven)
{
    public static SeriesValue Missing => default;

    public static SeriesValue Of(double value) => new(true, value, null, false);

    public static SeriesValue Of(FloatHistogram histogram, bool hintGiven) => new(true, 0, histogram, hintGiven);
}
