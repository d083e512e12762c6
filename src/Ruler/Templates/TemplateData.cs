using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.Ruler.Evaluation;

namespace Deucalion.Ruler.Templates;

/// <summary>What a template of an alert can speak of.</summary>
public sealed class TemplateData
{
    /// <summary><c>$labels</c>: labels of the element that made the alert, the metric name included.</summary>
    public required Labels Labels { get; init; }

    /// <summary><c>$externalLabels</c></summary>
    public required Labels ExternalLabels { get; init; }

    /// <summary><c>$externalURL</c></summary>
    public required string ExternalUrl { get; init; }

    /// <summary><c>$value</c></summary>
    public required double Value { get; init; }

    /// <summary>Takes the place of <see cref="Value"/> where it is set.</summary>
    public FloatHistogram? Histogram { get; init; }

    /// <summary>Runs the queries of the function <c>query</c>.</summary>
    public required Func<string, Task<List<RuleSample>>> Query { get; init; }
}
