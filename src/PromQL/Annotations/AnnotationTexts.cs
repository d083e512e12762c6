using Deucalion.Common.Labels;
using Deucalion.Common.Text;

namespace Deucalion.PromQL.Annotations;

/// <summary>Prometheus's texts of warnings and infos.</summary>
internal static class AnnotationTexts
{
    public const string SortInRangeQuery = "sort is ineffective for range queries since results are always ordered by labels";
    public const string MixedFloatsHistogramsAggregation = "encountered a mix of histograms and floats for aggregation";

    public static string InvalidRatio(double ratio, double capped) =>
        $"ratio value should be between -1 and 1, got {GoFloat.FormatGeneral(ratio)}, capping to {GoFloat.FormatGeneral(capped)}";

    public static string InvalidQuantile(double q) => $"quantile value should be between 0 and 1, got {GoFloat.FormatGeneral(q)}";

    public static string BadBucketLabel(string le, string metric) =>
        $"bucket label \"le\" is missing or has a malformed value of {LabelText.Quote(le)}{ForMetric(metric)}";

    public static string MixedFloatsHistograms(string metric) =>
        $"encountered a mix of histograms and floats for metric name {LabelText.Quote(metric)}";

    public static string MixedClassicNative(string metric) => $"vector contains a mix of classic and native histograms{ForMetric(metric)}";

    public static string NaNResult(string metric) => "input to histogram_quantile has NaN observations, result is NaN" + ForMetric(metric);

    public static string NaNSkewed(string metric) =>
        "input to histogram_quantile has NaN observations, result is skewed higher" + ForMetric(metric);

    public static string NaNFraction(string metric) =>
        "input to histogram_fraction has NaN observations, which are excluded from all fractions" + ForMetric(metric);

    public static string NotCounterHistogram(string metric) => $"this native histogram metric is not a counter: {LabelText.Quote(metric)}";

    public static string NotGaugeHistogram(string metric) => $"this native histogram metric is not a gauge: {LabelText.Quote(metric)}";

    public static string MixedSchemas(string metric) =>
        $"vector contains a mix of histograms with exponential and custom buckets schemas for metric name {LabelText.Quote(metric)}";

    public static string IncompatibleBuckets(string op) => $"incompatible bucket layout encountered for binary operator {op}";

    public static string CounterResetCollision(string operation) => $"conflicting counter resets during histogram {operation}";

    public static string ReconciledBuckets(string operation) => $"mismatched custom buckets were reconciled during {operation}";

    public static string StartTimeOverlap(string metric) =>
        $"sample has start time that overlaps with previous sample timestamp for metric {LabelText.Quote(metric)}";

    public static string PossibleNonCounter(string metric) =>
        $"metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {LabelText.Quote(metric)}";

    public static string PossibleNonCounterType(string metric, string type) =>
        $"metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got {LabelText.Quote(type)}: {LabelText.Quote(metric)}";

    public static string ForcedMonotonicity(string metric) =>
        "input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
        + ForMetric(metric);

    public static string IncompatibleTypes(string left, string op, string right) =>
        $"incompatible sample types encountered for binary operator \"{op}\": {left} {op} {right}";

    public static string HistogramIgnoredInAggregation(string aggregation) => $"ignored histogram in {aggregation} aggregation";

    public static string HistogramIgnoredInMixedRange(string metric) =>
        $"ignored histograms in a range containing both floats and histograms for metric name {LabelText.Quote(metric)}";

    private static string ForMetric(string metric) => metric.Length == 0 ? string.Empty : $" for metric name {LabelText.Quote(metric)}";
}
