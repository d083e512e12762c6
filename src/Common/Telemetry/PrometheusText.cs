using System.Buffers;
using System.Globalization;
using System.Text;

namespace Deucalion.Common.Telemetry;

/// <summary>Writes families in Prometheus's text format 0.0.4.</summary>
public static class PrometheusText
{
    /// <summary>Content type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Appends the families to <paramref name="output"/>.</summary>
    public static void Write(IReadOnlyList<MetricFamily> families, IBufferWriter<byte> output)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            if (family.Help.Length > 0)
            {
                text.Append("# HELP ").Append(family.Name).Append(' ').Append(Escape(family.Help, quotes: false)).Append('\n');
            }

            text.Append("# TYPE ").Append(family.Name).Append(' ').Append(TypeName(family.Type)).Append('\n');
            foreach (var point in family.Points)
            {
                AppendPoint(text, family.Name, point);
            }

            Encoding.UTF8.GetBytes(text.ToString(), output);
            text.Clear();
        }
    }

    /// <summary>Name of the type in the text format and in metadata.</summary>
    public static string TypeName(MetricType type) => type switch
    {
        MetricType.Counter => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private static void AppendPoint(StringBuilder text, string name, MetricPoint point)
    {
        text.Append(name).Append(point.Suffix);
        for (var i = 0; i < point.Labels.Count; i++)
        {
            text.Append(i == 0 ? '{' : ',').Append(point.Labels[i].Key).Append("=\"").Append(Escape(point.Labels[i].Value, quotes: true)).Append('"');
        }

        text.Append(point.Labels.Count > 0 ? "} " : " ").Append(Number(point.Value)).Append('\n');
    }

    private static string Number(double value) => double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string text, bool quotes)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
