using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators;

/// <summary>The labels that say what a metric is, and that go when a value no longer is that metric.</summary>
internal static class MetricNames
{
    public const string TypeLabel = "__type__";
    public const string UnitLabel = "__unit__";

    public static bool IsMetadata(string label) => label is Labels.MetricName or TypeLabel or UnitLabel;

    /// <summary>The labels without name, type and unit.</summary>
    public static Labels Drop(Labels labels) => Drop(labels, static name => IsMetadata(name));

    /// <summary>The labels without the name, type and unit kept.</summary>
    public static Labels DropNameOnly(Labels labels) => Drop(labels, static name => name == Labels.MetricName);

    private static Labels Drop(Labels labels, Func<string, bool> goes)
    {
        var pairs = labels.Pairs;
        var gone = 0;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            gone += goes(pairs[i]) ? 1 : 0;
        }

        if (gone == 0)
        {
            return labels;
        }

        var kept = new string[pairs.Length - (2 * gone)];
        var n = 0;
        for (var i = 0; i < pairs.Length; i += 2)
        {
            if (!goes(pairs[i]))
            {
                kept[n++] = pairs[i];
                kept[n++] = pairs[i + 1];
            }
        }

        return Labels.FromSortedPairs(kept);
    }
}
