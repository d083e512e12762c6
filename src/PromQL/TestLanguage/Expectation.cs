using Deucalion.Common.Labels;

namespace Deucalion.PromQL.TestLanguage;

/// <summary>What an eval command expects.</summary>
internal sealed class Expectation
{
    public List<(int Line, Labels Labels, List<SeriesValue> Values)> Series { get; } = [];

    public double? Scalar { get; set; }

    public string? Text { get; set; }

    public bool Ordered { get; set; }

    public TextExpectation? Fail { get; set; }

    public List<TextExpectation> Warnings { get; } = [];

    public List<TextExpectation> Infos { get; } = [];

    public bool NoWarnings { get; set; }

    public bool NoInfos { get; set; }

    /// <summary>Times of the values where an instant query yields a range vector, else null.</summary>
    public (long Start, long End, long Step)? RangeVector { get; set; }
}
