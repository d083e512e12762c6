using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Common.Samples.Histograms;
using Deucalion.PromQL.TestLanguage;

namespace Deucalion.PromQL.Tests.Conformance;

/// <summary>Makes single expectations of a script wrong.</summary>
internal static class Alterations
{
    private static readonly TextExpectation Other = new("this text is nowhere", IsRegex: false);

    /// <summary>All expectations in order of the script: the line of the command that each belongs to, and what makes it wrong.</summary>
    public static List<(int Line, Action Alter)> Of(IEnumerable<TestCommand> commands)
    {
        var all = new List<(int, Action)>();
        foreach (var eval in commands.OfType<EvalCommand>())
        {
            all.AddRange(Of(eval.Expected).Select(alter => (eval.Line, alter)));
        }

        return all;
    }

    private static IEnumerable<Action> Of(Expectation expected)
    {
        // Of a command that is to fail only the error counts.
        if (expected.Fail is not null)
        {
            yield return () => expected.Fail = Other;
            yield break;
        }

        foreach (var texts in (List<TextExpectation>[])[expected.Warnings, expected.Infos])
        {
            for (var i = 0; i < texts.Count; i++)
            {
                var at = i;
                yield return () => texts[at] = Other;
            }
        }

        if (expected.NoWarnings)
        {
            yield return () => expected.Warnings.Add(TextExpectation.Any);
        }

        if (expected.NoInfos)
        {
            yield return () => expected.Infos.Add(TextExpectation.Any);
        }

        if (expected.Scalar is { } scalar)
        {
            yield return () => expected.Scalar = Another(scalar);
            yield break;
        }

        if (expected.Text is { } text)
        {
            yield return () => expected.Text = text + "x";
            yield break;
        }

        foreach (var (_, _, values) in expected.Series)
        {
            for (var i = 0; i < values.Count; i++)
            {
                var at = i;
                yield return () => values[at] = Another(values[at]);
            }
        }

        if (expected.Series.Count == 0)
        {
            yield return () => expected.Series.Add((0, Labels.Of((Labels.MetricName, "nowhere")), [SeriesValue.Of(1)]));
        }
    }

    private static SeriesValue Another(SeriesValue value) => value switch
    {
        { Present: false } => SeriesValue.Of(12345.678),
        { Histogram: { } histogram } => SeriesValue.Of(WithAnotherSum(histogram), value.HintGiven),
        _ => SeriesValue.Of(Another(value.Value)),
    };

    private static double Another(double value) => !double.IsFinite(value) ? 42.5 : value == 0 ? 1 : value * 2;

    private static FloatHistogram WithAnotherSum(FloatHistogram histogram)
    {
        var copy = histogram.WithHint(histogram.CounterResetHint == CounterResetHint.Gauge ? CounterResetHint.Unknown : CounterResetHint.Gauge);
        copy = copy.WithHint(histogram.CounterResetHint);
        copy.Sum = Another(histogram.Sum);
        return copy;
    }
}
