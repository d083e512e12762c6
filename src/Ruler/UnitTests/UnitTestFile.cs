using Deucalion.Common.Labels;

namespace Deucalion.Ruler.UnitTests;

/// <summary>A file of unit tests of rules, as promtool reads it; times are milliseconds.</summary>
internal sealed record UnitTestFile(
    IReadOnlyList<string> RuleFiles, long EvaluationInterval, IReadOnlyList<string> GroupEvalOrder, IReadOnlyList<UnitTestGroup> Tests, bool FuzzyCompare);

/// <summary>Input series with the tests about them.</summary>
internal sealed record UnitTestGroup
{
    public required string Name { get; init; }

    public required long Interval { get; init; }

    public required long StartTimestamp { get; init; }

    public required IReadOnlyList<(string Series, string Values)> InputSeries { get; init; }

    public required IReadOnlyList<AlertTestCase> AlertTests { get; init; }

    public required IReadOnlyList<ExpressionTestCase> ExpressionTests { get; init; }

    public required Labels ExternalLabels { get; init; }

    public required string ExternalUrl { get; init; }
}

/// <summary>The alerts of a name that should fire at a time.</summary>
internal sealed record AlertTestCase(long EvalTime, string AlertName, IReadOnlyList<(Labels Labels, Labels Annotations)> Expected);

/// <summary>What a query should yield at a time.</summary>
internal sealed record ExpressionTestCase(string Expression, long EvalTime, IReadOnlyList<(string Labels, double Value, string Histogram)> Expected);
