using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Functions.Ranges;
using Deucalion.PromQL.Operators;

namespace Deucalion.PromQL.Functions.Rates;

/// <summary>Tells when a metric that is treated as a counter does not look like one.</summary>
internal static class CounterName
{
    public static void Check(in RangeInput input)
    {
        var name = input.MetricName;
        if (name.Length == 0)
        {
            return;
        }

        if (input.Context.Options.TypeAndUnitLabels)
        {
            var type = input.Source.RawLabelsAt(input.Series).Get(MetricNames.TypeLabel);
            if (type is not ("counter" or "histogram"))
            {
                input.Context.Annotations.Info(AnnotationTexts.PossibleNonCounterType(name, type), input.Position);
            }
        }
        else if (!LooksLikeCounter(name))
        {
            input.Context.Annotations.Info(AnnotationTexts.PossibleNonCounter(name), input.Position);
        }
    }

    private static bool LooksLikeCounter(string name) =>
        name.EndsWith("_total", StringComparison.Ordinal) || name.EndsWith("_sum", StringComparison.Ordinal)
        || name.EndsWith("_count", StringComparison.Ordinal) || name.EndsWith("_bucket", StringComparison.Ordinal);
}
