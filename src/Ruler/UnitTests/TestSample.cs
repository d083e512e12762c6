using Deucalion.Common.Labels;
using Deucalion.Common.Text;
using Deucalion.PromQL.Parser;
using Deucalion.PromQL.TestLanguage;

namespace Deucalion.Ruler.UnitTests;

/// <summary>An element of a result or an expectation: a float, or a histogram in its notation.</summary>
internal sealed record TestSample(Labels Labels, double Value, string Histogram)
{
    /// <exception cref="ParseException">The labels are not valid.</exception>
    /// <exception cref="ScriptException">The histogram is not valid.</exception>
    public static TestSample Read(string labels, double value, string histogram)
    {
        var parsed = SeriesNotation.ReadLabels(labels);
        if (histogram.Length == 0)
        {
            return new TestSample(parsed, value, histogram);
        }

        var values = SeriesNotation.Read("{}", histogram).Values;
        return values is [{ Histogram: { } read }]
            ? new TestSample(parsed, value, HistogramNotation.Print(read))
            : throw new ScriptException(1, values.Count == 1 ? $"expected histogram, got {histogram}" : $"expected 1 value, got {values.Count}");
    }

    public static string Print(List<TestSample> samples) => samples.Count == 0 ? "nil" : string.Join(", ", samples);

    /// <param name="other">The other.</param>
    /// <param name="isFuzzy">Whether neighbouring floats are equal.</param>
    public bool Equals(TestSample other, bool isFuzzy) => Labels == other.Labels && Histogram == other.Histogram
        && (Value == other.Value || (isFuzzy && (double.BitDecrement(Value) == other.Value || double.BitIncrement(Value) == other.Value)));

    public override string ToString() => Labels + " " + (Histogram.Length > 0 ? Histogram : GoFloat.FormatExponent(Value).Replace('e', 'E'));
}
