using System.Globalization;
using System.Text;

namespace Deucalion.Common.Labels.Regexes;

/// <summary>
/// Writes a tree as a .NET pattern over UTF-16. Only explicit classes are used, so that .NET's notions of letters, cases and lines
/// do not enter. Half a surrogate pair never matches: a label value has none.
/// </summary>
internal static class DotNetPattern
{
    private const string AnyRune = "(?:[^\\uD800-\\uDFFF]|[\\uD800-\\uDBFF][\\uDC00-\\uDFFF])";
    private const string Never = "[^\\s\\S]";

    /// <summary>The pattern, anchored at both ends, without captures.</summary>
    public static string Write(RegexNode root)
    {
        var text = new StringBuilder("\\A(?:");
        Append(text, root);
        return text.Append(")\\z").ToString();
    }

    private static void Append(StringBuilder text, RegexNode node)
    {
        switch (node.Op)
        {
            case RegexOp.Empty:
                text.Append("(?:)");
                break;
            case RegexOp.Set:
                AppendSet(text, node.Set);
                break;
            case RegexOp.BeginText:
                text.Append("\\A");
                break;
            case RegexOp.EndText:
                text.Append("\\z");
                break;
            case RegexOp.BeginLine:
                text.Append("(?m:^)");
                break;
            case RegexOp.EndLine:
                text.Append("(?m:$)");
                break;
            case RegexOp.Concat:
                foreach (var child in node.Children)
                {
                    Append(text, child);
                }

                break;
            case RegexOp.Alternate:
                AppendAlternatives(text, node);
                break;
            case RegexOp.Repeat:
                AppendRepeat(text, node);
                break;
            case RegexOp.Capture:
                text.Append("(?:");
                Append(text, node.Children[0]);
                text.Append(')');
                break;
            default:
                throw new ArgumentException($"no .NET form of {node.Op}", nameof(node));
        }
    }

    private static void AppendAlternatives(StringBuilder text, RegexNode node)
    {
        text.Append("(?:");
        for (var i = 0; i < node.Children.Count; i++)
        {
            text.Append(i == 0 ? string.Empty : "|");
            Append(text, node.Children[i]);
        }

        text.Append(')');
    }

    private static void AppendRepeat(StringBuilder text, RegexNode node)
    {
        var child = node.Children[0];

        // Any number of any code points is any number of any units, which the engine handles best. It may end inside a surrogate pair,
        // but then only another such run can go on.
        if (child is { Op: RegexOp.Set, Set.IsFull: true } && node is { Min: <= 1, Max: -1 })
        {
            text.Append(node.Min == 1 ? AnyRune : string.Empty).Append(node.Lazy ? "[\\s\\S]*?" : "[\\s\\S]*");
            return;
        }

        text.Append("(?:");
        Append(text, child);
        text.Append(')');
        text.Append((node.Min, node.Max) switch
        {
            (0, -1) => "*",
            (1, -1) => "+",
            (0, 1) => "?",
            (var min, -1) => $"{{{min},}}",
            var (min, max) => $"{{{min},{max}}}",
        });
        text.Append(node.Lazy ? "?" : string.Empty);
    }

    private static void AppendSet(StringBuilder text, CharSet set)
    {
        if (set.IsFull)
        {
            text.Append(AnyRune);
            return;
        }

        var units = new StringBuilder();
        var pairs = new List<string>();
        foreach (var (low, high) in set.Ranges)
        {
            AppendUnits(units, low, Math.Min(high, 0xD7FF));
            AppendUnits(units, Math.Max(low, 0xE000), Math.Min(high, 0xFFFF));
            AddPairs(pairs, Math.Max(low, 0x10000), high);
        }

        if (units.Length > 0)
        {
            pairs.Insert(0, $"[{units}]");
        }

        text.Append(pairs.Count switch
        {
            0 => Never,
            1 => pairs[0],
            _ => $"(?:{string.Join('|', pairs)})",
        });
    }

    private static string Unit(int unit) => "\\u" + unit.ToString("X4", CultureInfo.InvariantCulture);

    private static void AppendUnits(StringBuilder text, int low, int high)
    {
        if (low <= high)
        {
            text.Append(Unit(low)).Append(low == high ? string.Empty : "-" + Unit(high));
        }
    }

    // A range of astral code points: a partial block of low surrogates at each end, whole blocks between.
    private static void AddPairs(List<string> pairs, int low, int high)
    {
        while (low <= high)
        {
            var lead = 0xD800 + ((low - 0x10000) >> 10);
            var blockEnd = low | 0x3FF;
            var isWholeBlock = (low & 0x3FF) == 0 && blockEnd <= high;
            var end = Math.Min(blockEnd, high);
            var lastLead = lead;
            if (isWholeBlock)
            {
                end = ((high + 1) & ~0x3FF) - 1;
                lastLead = 0xD800 + ((end - 0x10000) >> 10);
            }

            var first = 0xDC00 + (low & 0x3FF);
            var last = 0xDC00 + (end & 0x3FF);
            pairs.Add($"[{Unit(lead)}-{Unit(lastLead)}][{Unit(first)}-{Unit(last)}]");
            low = end + 1;
        }
    }
}
