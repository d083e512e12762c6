namespace Deucalion.Common.Labels.Regexes;

/// <summary>Reads bracketed classes.</summary>
internal sealed class Re2ClassParser(string pattern, Re2Escapes escapes, Re2Flags flags)
{
    private readonly bool _fold = flags.HasFlag(Re2Flags.Fold);
    private readonly List<(int Low, int High)> _ranges = [];
    private int _start;

    /// <summary>Reads the class at <paramref name="pos"/>, which moves behind it.</summary>
    public CharSet Parse(ref int pos)
    {
        _start = pos++;
        var negate = pos < pattern.Length && pattern[pos] == '^';
        pos += negate ? 1 : 0;
        var folded = new List<(int Low, int High)>();
        for (var first = true; first || pos >= pattern.Length || pattern[pos] != ']'; first = false)
        {
            var set = TryReadPosix(ref pos) ?? escapes.TryReadSet(ref pos, _fold);
            if (set is not null)
            {
                folded.AddRange(set.Ranges);
            }
            else
            {
                ReadRange(ref pos);
            }
        }

        pos++;
        var plain = CharSet.Of(_ranges);
        folded.AddRange((_fold ? plain.Fold() : plain).Ranges);
        var result = CharSet.Of(folded);
        return negate ? result.Negate() : result;
    }

    private void ReadRange(ref int pos)
    {
        var start = pos;
        var low = ReadRune(ref pos);
        var high = low;
        if (pos + 1 < pattern.Length && pattern[pos] == '-' && pattern[pos + 1] != ']')
        {
            pos++;
            high = ReadRune(ref pos);
            if (high < low)
            {
                throw Re2Parser.Error("invalid character class range", pattern[start..pos]);
            }
        }

        _ranges.Add((low, high));
    }

    private int ReadRune(ref int pos)
    {
        if (pos >= pattern.Length)
        {
            throw Re2Parser.Error("missing closing ]", pattern[_start..]);
        }

        return pattern[pos] == '\\' ? escapes.ReadEscape(ref pos) : Re2Escapes.ReadRune(pattern, ref pos);
    }

    private CharSet? TryReadPosix(ref int pos)
    {
        if (pos + 2 >= pattern.Length || pattern[pos] != '[' || pattern[pos + 1] != ':')
        {
            return null;
        }

        var end = pattern.IndexOf(":]", pos + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            return null;
        }

        var start = pos;
        pos = end + 2;
        return CharGroups.PosixClass(pattern[(start + 2)..end], _fold)
            ?? throw Re2Parser.Error("invalid character class range", pattern[start..pos]);
    }
}
