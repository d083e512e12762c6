using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;

namespace Deucalion.Ruler.Evaluation;

/// <summary>Evaluates the queries of rules and templates. Thread-safe.</summary>
public sealed class RuleQuery(PromQlEngine engine, IQueryable source)
{
    /// <summary>The vector that the query yields at a time, Unix milliseconds; a scalar is one element without labels.</summary>
    /// <exception cref="QueryException">Any failure.</exception>
    public async ValueTask<List<RuleSample>> RunAsync(string expression, long time, CancellationToken cancellationToken)
    {
        var result = await engine.InstantAsync(source, expression, time, QueryOptions.Default, cancellationToken);
        switch (result.Type)
        {
            case ResultType.Scalar:
                return [new RuleSample(Labels.Empty, result.Scalar, null)];
            case ResultType.Vector:
                var samples = new List<RuleSample>(result.Series.Count);
                foreach (var series in result.Series)
                {
                    samples.Add(new RuleSample(series.Labels, series.Values[0], series.HistogramAt(0)));
                }

                return samples;
            default:
                throw new QueryException(QueryErrorKind.Execution, "rule result is not a vector or scalar");
        }
    }
}
