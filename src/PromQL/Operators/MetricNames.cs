using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators;

/// <summary>The labels that say what a metric is, and that go when a value no longer is that metric.</summary>
internal static class MetricNames
{
    public const string TypeLabel = "__type__";
    public const string UnitLabel = "__unit__";

    public static bool IsMetadata(string label) => label is Labels.MetricName or TypeLabel or UnitLabel;

    /// <summary>The labels without name, type and unit.</summary>
    public static Labels Drop(Labels labels)
    {
        var pairs = labels.Pairs;
        var gone = 0;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            gone += IsMetadata(pairs[i]) ? 1 : 0;
        }

        if (gone == 0)
        {
            return labels;
        }

        var kept = new string[pairs.Length - (2 * gone)];
        var n = 0;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            if (!IsMetadata(pairs[i]))
            {
                kept[n++] = pairs[i];
                kept[n++] = pairs[i + 1];
            }
        }

        return Labels.FromSortedPairs(kept);
    }
}
