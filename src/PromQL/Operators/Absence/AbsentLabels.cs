using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Operators.Absence;

/// <summary>Labels of what absent and absent_over_time report missing: those that the selector demands.</summary>
internal static class AbsentLabels
{
    public static Labels Of(Expr expr)
    {
        var matchers = expr switch
        {
            VectorSelector vector => vector.Matchers,
            MatrixSelector matrix => matrix.Selector.Matchers,
            _ => [],
        };
        var builder = new LabelsBuilder();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var matcher in matchers)
        {
            if (matcher.Name == Labels.MetricName)
            {
                continue;
            }

            if (matcher.Type == Common.Labels.MatchType.Equal && seen.Add(matcher.Name))
            {
                builder.Set(matcher.Name, matcher.Value);
            }
            else
            {
                builder.Remove(matcher.Name);
            }
        }

        return builder.Build();
    }
}
