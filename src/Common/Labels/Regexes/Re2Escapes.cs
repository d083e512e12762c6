using System.Buffers;
using System.Text;

namespace Deucalion.Common.Labels.Regexes;

/// <summary>Backslash sequences, inside classes and outside.</summary>
internal sealed class Re2Escapes(string pattern)
{
    /// <summary>Characters of group names.</summary>
    public static readonly SearchValues<char> WordCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    /// <summary>The code point at <paramref name="pos"/>, which moves behind it; U+FFFD for half a surrogate pair.</summary>
    public static int ReadRune(string text, ref int pos)
    {
        Rune.DecodeFromUtf16(text.AsSpan(pos), out var rune, out var length);
        pos += length;
        return rune.Value;
    }

    /// <summary>Reads \d, \s, \w, \p{…} or their negations; null, without moving, where there is none.</summary>
    public CharSet? TryReadSet(ref int pos, bool fold)
    {
        if (pos + 1 >= pattern.Length || pattern[pos] != '\\')
        {
            return null;
        }

        var letter = pattern[pos + 1];
        if (letter is 'p' or 'P')
        {
            return ReadUnicodeSet(ref pos, fold);
        }

        var set = CharGroups.Perl(letter, fold);
        pos += set is null ? 0 : 2;
        return set;
    }

    /// <summary>Reads the escape of one code point.</summary>
    /// <exception cref="RegexSyntaxException">There is none.</exception>
    public int ReadEscape(ref int pos)
    {
        var start = pos++;
        if (pos >= pattern.Length)
        {
            throw Re2Parser.Error("trailing backslash at end of expression", string.Empty);
        }

        var c = ReadRune(pattern, ref pos);
        switch (c)
        {
            case >= '1' and <= '7' when IsOctal(pos):
            case '0':
                return ReadOctal(c - '0', ref pos);
            case 'x' when ReadHex(ref pos) is var value and >= 0:
                return value;
            case 'a':
                return '\a';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case < 128 when !char.IsAsciiLetterOrDigit((char)c):
                return c;
            default:
                throw Re2Parser.Error("invalid escape sequence", pattern[start..pos]);
        }
    }

    private bool IsOctal(int pos) => pos < pattern.Length && pattern[pos] is >= '0' and <= '7';

    private int ReadOctal(int value, ref int pos)
    {
        for (var i = 0; i < 2 && IsOctal(pos); i++)
        {
            value = (value * 8) + (pattern[pos++] - '0');
        }

        return value;
    }

    // -1, standing behind what is wrong, where it is not valid.
    private int ReadHex(ref int pos)
    {
        if (pos >= pattern.Length)
        {
            return -1;
        }

        var c = ReadRune(pattern, ref pos);
        if (c != '{')
        {
            var high = HexDigit(c);
            var low = pos < pattern.Length ? HexDigit(ReadRune(pattern, ref pos)) : -1;
            return high < 0 || low < 0 ? -1 : (high * 16) + low;
        }

        var value = 0;
        for (var digits = 0; pos < pattern.Length; digits++)
        {
            c = ReadRune(pattern, ref pos);
            if (c == '}')
            {
                return digits == 0 ? -1 : value;
            }

            value = HexDigit(c) is var digit and >= 0 ? (value * 16) + digit : -1;
            if (value is < 0 or > CharSet.MaxRune)
            {
                return -1;
            }
        }

        return -1;
    }

    private static int HexDigit(int c) => c < 128 && char.IsAsciiHexDigit((char)c) ? Convert.ToInt32(((char)c).ToString(), 16) : -1;

    private CharSet ReadUnicodeSet(ref int pos, bool fold)
    {
        var start = pos;
        var negate = pattern[pos + 1] == 'P';
        pos += 2;
        string name;
        if (pos < pattern.Length && pattern[pos] == '{')
        {
            var end = pattern.IndexOf('}', pos);
            if (end < 0)
            {
                throw Re2Parser.Error("invalid character class range", pattern[start..]);
            }

            name = pattern[(pos + 1)..end];
            pos = end + 1;
        }
        else
        {
            if (pos < pattern.Length)
            {
                ReadRune(pattern, ref pos);
            }

            name = pattern[(start + 2)..pos];
        }

        if (name.StartsWith('^'))
        {
            negate = !negate;
            name = name[1..];
        }

        return CharGroups.Unicode(name, fold, negate)
            ?? throw Re2Parser.Error("invalid character class range", pattern[start..pos]);
    }
}
