using System.Globalization;
using System.Text;

namespace Deucalion.PromQL.Plan.Explanation;

/// <summary>A plan as a tree of lines, inputs below their operator.</summary>
public static class PlanText
{
    /// <summary>The tree, lines separated by newlines, none at the end.</summary>
    public static string Print(PlanNode root)
    {
        var text = new StringBuilder();
        Append(text, root, string.Empty, string.Empty);
        return text.ToString();
    }

    private static void Append(StringBuilder text, PlanNode node, string first, string rest)
    {
        text.Append(text.Length > 0 ? "\n" : string.Empty).Append(first).Append(node.Text);
        if (node.Read > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  [read {node.Read}{(node.ReadIsShared ? ", shared" : string.Empty)}: {node.Series} series]");
        }

        if (node.Part > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  [part {node.Part}{(node.PartIsElsewhere ? ", computed below" : string.Empty)}]");
        }

        for (var i = 0; i < node.Children.Count; i++)
        {
            var isLast = i == node.Children.Count - 1;
            Append(text, node.Children[i], rest + (isLast ? "\u2514\u2500 " : "\u251c\u2500 "), rest + (isLast ? "   " : "\u2502  "));
        }
    }
}
