namespace Deucalion.Common.Labels.Regexes;

/// <summary>
/// Literals with gaps of any text between them, which needs no engine to match: <c>api-.*-(?:dev|prod)</c> is two of these.
/// </summary>
internal sealed class Glob
{
    /// <summary>The empty text.</summary>
    public static readonly Glob Empty = new([string.Empty], []);

    /// <summary>Any text, the empty one too.</summary>
    public static readonly Glob Any = new([string.Empty, string.Empty], [0]);

    /// <summary>Any text but the empty one.</summary>
    public static readonly Glob NotEmpty = new([string.Empty, string.Empty], [1]);

    private readonly string[] _literals;
    private readonly int[] _gaps;

    private Glob(string[] literals, int[] gaps)
    {
        _literals = literals;
        _gaps = gaps;
    }

    /// <summary>Whether it is one literal.</summary>
    public bool IsLiteral => _gaps.Length == 0;

    /// <summary>What every match starts with; the whole of a literal.</summary>
    public string Prefix => _literals[0];

    /// <summary>Least length of the only gap where there is nothing else, else -1.</summary>
    public int OnlyGap => _gaps.Length == 1 && _literals[0].Length == 0 && _literals[1].Length == 0 ? _gaps[0] : -1;

    public static Glob OfLiteral(string text) => new([text], []);

    /// <summary>This and then another; null where two gaps of at least one character meet.</summary>
    public Glob? Then(Glob next)
    {
        var joint = _literals[^1] + next._literals[0];
        var gapsMeet = joint.Length == 0 && !IsLiteral && !next.IsLiteral;
        if (!gapsMeet)
        {
            return new([.. _literals[..^1], joint, .. next._literals[1..]], [.. _gaps, .. next._gaps]);
        }

        var gap = _gaps[^1] + next._gaps[0];
        return gap > 1 ? null : new([.. _literals[..^1], .. next._literals[1..]], [.. _gaps[..^1], gap, .. next._gaps[1..]]);
    }

    /// <summary>Whether the whole value matches.</summary>
    public bool IsMatch(ReadOnlySpan<char> value)
    {
        if (!value.StartsWith(_literals[0]))
        {
            return false;
        }

        if (IsLiteral)
        {
            return value.Length == _literals[0].Length;
        }

        // The earliest place of each inner literal leaves the most room for the rest.
        value = value[_literals[0].Length..];
        for (var i = 1; i < _literals.Length - 1; i++)
        {
            if (value.Length < _gaps[i - 1])
            {
                return false;
            }

            var at = value[_gaps[i - 1]..].IndexOf(_literals[i], StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            value = value[(_gaps[i - 1] + at + _literals[i].Length)..];
        }

        return value.Length >= _gaps[^1] + _literals[^1].Length && value.EndsWith(_literals[^1]);
    }
}
