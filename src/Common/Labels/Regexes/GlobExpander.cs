using System.Text;

namespace Deucalion.Common.Labels.Regexes;

/// <summary>Writes a tree as a short list of <see cref="Glob"/>s where that is possible.</summary>
internal static class GlobExpander
{
    /// <summary>Most literals of an expression.</summary>
    public const int MaxLiterals = 256;

    /// <summary>Most globs where some have gaps: they are tried one after another.</summary>
    public const int MaxGlobs = 32;

    /// <summary>Globs of which at least one matches where the tree does; null where there are none or too many.</summary>
    public static List<Glob>? Expand(RegexNode root)
    {
        var globs = ExpandNode(root);
        return globs is null || (globs.Count > MaxGlobs && !globs.TrueForAll(g => g.IsLiteral)) ? null : globs;
    }

    /// <summary>What every match starts with, compared case-sensitively.</summary>
    public static string Prefix(RegexNode root)
    {
        var prefix = new StringBuilder();
        AppendPrefix(prefix, root);
        return prefix.ToString();
    }

    // Whether the whole node is in the prefix, so that what follows may be added.
    private static bool AppendPrefix(StringBuilder prefix, RegexNode node)
    {
        switch (node.Op)
        {
            case RegexOp.Set when Rune.IsValid(node.Set.Single):
                prefix.Append(new Rune(node.Set.Single).ToString());
                return true;
            case RegexOp.Empty or RegexOp.BeginText:
                return true;
            case RegexOp.Capture:
                return AppendPrefix(prefix, node.Children[0]);
            case RegexOp.Concat:
                return node.Children.All(child => AppendPrefix(prefix, child));
            case RegexOp.Repeat when node.Min > 0:
                AppendPrefix(prefix, node.Children[0]);
                return false;
            case RegexOp.Alternate:
                prefix.Append(CommonPrefix(node));
                return false;
            default:
                return false;
        }
    }

    private static string CommonPrefix(RegexNode node)
    {
        string? common = null;
        foreach (var child in node.Children)
        {
            var prefix = Prefix(child);
            common = common is null ? prefix : common[..common.AsSpan().CommonPrefixLength(prefix)];
        }

        // Half a surrogate pair is no prefix.
        return common is { Length: > 0 } && char.IsHighSurrogate(common[^1]) ? common[..^1] : common ?? string.Empty;
    }

    private static List<Glob>? ExpandNode(RegexNode node)
    {
        switch (node.Op)
        {
            case RegexOp.Empty:
                return [Glob.Empty];
            case RegexOp.Set:
                return ExpandSet(node.Set);
            case RegexOp.Capture:
                return ExpandNode(node.Children[0]);
            case RegexOp.Concat:
                return ExpandConcat(node);
            case RegexOp.Alternate:
                return ExpandAlternatives(node);
            case RegexOp.Repeat:
                return ExpandRepeat(node);
            default:
                return null;
        }
    }

    private static List<Glob>? ExpandSet(CharSet set)
    {
        if (set.Count > MaxLiterals)
        {
            return null;
        }

        var globs = new List<Glob>();
        foreach (var (low, high) in set.Ranges)
        {
            for (var rune = low; rune <= high; rune++)
            {
                if (Rune.IsValid(rune))
                {
                    globs.Add(Glob.OfLiteral(new Rune(rune).ToString()));
                }
            }
        }

        return globs;
    }

    private static List<Glob>? ExpandConcat(RegexNode node)
    {
        List<Glob>? globs = [Glob.Empty];
        foreach (var child in node.Children)
        {
            globs = ExpandNode(child) is { } next ? Join(globs, next) : null;
            if (globs is null)
            {
                return null;
            }
        }

        return globs;
    }

    private static List<Glob>? ExpandAlternatives(RegexNode node)
    {
        var all = new List<Glob>();
        foreach (var child in node.Children)
        {
            if (ExpandNode(child) is not { } globs || all.Count + globs.Count > MaxLiterals)
            {
                return null;
            }

            all.AddRange(globs);
        }

        return all;
    }

    private static List<Glob>? ExpandRepeat(RegexNode node)
    {
        var child = node.Children[0];
        if (node.Max < 0)
        {
            return child is not { Op: RegexOp.Set, Set.IsFull: true } || node.Min > 1 ? null : [node.Min == 0 ? Glob.Any : Glob.NotEmpty];
        }

        if (ExpandNode(child) is not { } once)
        {
            return null;
        }

        List<Glob>? power = [Glob.Empty];
        var all = new List<Glob>();
        for (var i = 0; i <= node.Max; i++)
        {
            if (i >= node.Min)
            {
                all.AddRange(power);
            }

            if (i < node.Max)
            {
                power = Join(power, once);
            }

            if (power is null || all.Count > MaxLiterals)
            {
                return null;
            }
        }

        return all;
    }

    private static List<Glob>? Join(List<Glob> left, List<Glob> right)
    {
        if (left.Count * right.Count > MaxLiterals)
        {
            return null;
        }

        var all = new List<Glob>(left.Count * right.Count);
        foreach (var a in left)
        {
            foreach (var b in right)
            {
                if (a.Then(b) is not { } both)
                {
                    return null;
                }

                all.Add(both);
            }
        }

        return all;
    }
}
