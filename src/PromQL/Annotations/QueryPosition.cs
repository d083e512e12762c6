using System.Text;

namespace Deucalion.PromQL.Annotations;

/// <summary>Turns an offset in a query into the place that people read.</summary>
internal static class QueryPosition
{
    /// <summary>1-based <c>line:column</c>, the column in bytes of UTF-8 as Prometheus counts.</summary>
    public static string LineAndColumn(string query, int offset)
    {
        var before = query.AsSpan(0, Math.Clamp(offset, 0, query.Length));
        var line = before.Count('\n') + 1;
        var column = Encoding.UTF8.GetByteCount(before[(before.LastIndexOf('\n') + 1)..]) + 1;
        return $"{line}:{column}";
    }
}
