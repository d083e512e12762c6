using System.Text;
using Deucalion.Common.Labels;

namespace Deucalion.Ruler.UnitTests;

/// <summary>Alerts of a test, sorted and printed as promtool does.</summary>
internal static class AlertList
{
    public static void Sort(List<(Labels Labels, Labels Annotations)> alerts) =>
        alerts.Sort(static (a, b) => a.Labels.CompareTo(b.Labels) is var order and not 0 ? order : a.Annotations.CompareTo(b.Annotations));

    public static string Print(List<(Labels Labels, Labels Annotations)> alerts)
    {
        if (alerts.Count == 0)
        {
            return "[]";
        }

        var text = new StringBuilder("[\n");
        for (var i = 0; i < alerts.Count; i++)
        {
            text.Append(i == 0 ? string.Empty : ",\n").Append(i).Append(':');
            text.Append("\n  Labels:").Append(alerts[i].Labels).Append("\n  Annotations:").Append(alerts[i].Annotations);
        }

        return text.Append("\n]").ToString();
    }

    /// <summary>The text with all lines but the first moved to the right.</summary>
    public static string Indent(string text, string by) => text.Replace("\n", "\n" + by, StringComparison.Ordinal);
}
