namespace Deucalion.Common.Labels.Regexes;

/// <summary>Kinds of <see cref="RegexNode"/>.</summary>
internal enum RegexOp
{
    Empty,
    Set,
    BeginText,
    EndText,
    BeginLine,
    EndLine,
    WordBoundary,
    NotWordBoundary,
    Concat,
    Alternate,
    Repeat,
    Capture,
}

/// <summary>A node of a parsed expression. Immutable.</summary>
internal sealed class RegexNode
{
    private RegexNode(RegexOp op, IReadOnlyList<RegexNode> children)
    {
        Op = op;
        Children = children;
        var height = 0;
        var size = 1L;
        foreach (var child in children)
        {
            height = Math.Max(height, child.Height);
            size += child.Size;
            HasWordBoundary |= child.HasWordBoundary;
        }

        Height = height + 1;
        Size = size;
        HasWordBoundary |= op is RegexOp.WordBoundary or RegexOp.NotWordBoundary;
    }

    public RegexOp Op { get; }

    public IReadOnlyList<RegexNode> Children { get; }

    /// <summary>Code points of a set; a literal is a set of one.</summary>
    public CharSet Set { get; private init; } = CharSet.Full;

    /// <summary>Least repetitions.</summary>
    public int Min { get; private init; }

    /// <summary>Most repetitions, -1 for no bound.</summary>
    public int Max { get; private init; }

    /// <summary>Whether a repetition prefers fewer.</summary>
    public bool Lazy { get; private init; }

    /// <summary>Number of a capture, from 1.</summary>
    public int Group { get; private init; }

    /// <summary>Levels of nodes.</summary>
    public int Height { get; }

    /// <summary>Nodes once repetitions are written out.</summary>
    public long Size { get; private init; }

    public bool HasWordBoundary { get; }

    public static RegexNode Leaf(RegexOp op) => new(op, []);

    public static RegexNode OfSet(CharSet set) => new(RegexOp.Set, []) { Set = set };

    public static RegexNode Concat(IReadOnlyList<RegexNode> children) => children.Count switch
    {
        0 => Leaf(RegexOp.Empty),
        1 => children[0],
        _ => new(RegexOp.Concat, children),
    };

    public static RegexNode Alternate(IReadOnlyList<RegexNode> children) => children.Count == 1 ? children[0] : new(RegexOp.Alternate, children);

    public static RegexNode Repeat(RegexNode child, int min, int max, bool lazy) =>
        new(RegexOp.Repeat, [child]) { Min = min, Max = max, Lazy = lazy, Size = 1 + (child.Size * Math.Max(1, Math.Max(min, max))) };

    public static RegexNode Capture(RegexNode child, int group) => new(RegexOp.Capture, [child]) { Group = group };
}
