using System.Text;

namespace Deucalion.Cluster.Nodes;

/// <summary>Keys such as <c>cluster.tls.ca_file</c> as the YAML file that a node reads.</summary>
internal static class ConfigurationText
{
    public static string Write(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var text = new StringBuilder();
        Section(text, string.Empty, 0, [.. settings.OrderBy(static s => s.Key, StringComparer.Ordinal)]);
        return text.ToString();
    }

    private static void Section(StringBuilder text, string prefix, int depth, IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        foreach (var group in settings.GroupBy(s => s.Key[prefix.Length..].Split('.')[0]))
        {
            text.Append(' ', depth * 2).Append(group.Key).Append(':');
            var whole = prefix + group.Key;
            if (group.FirstOrDefault(s => s.Key == whole) is { Key: not null } leaf)
            {
                text.Append(" '").Append(leaf.Value.Replace("'", "''", StringComparison.Ordinal)).Append("'\n");
            }
            else
            {
                text.Append('\n');
                Section(text, whole + ".", depth + 1, [.. group]);
            }
        }
    }
}
