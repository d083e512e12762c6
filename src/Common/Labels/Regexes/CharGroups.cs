using System.Globalization;

namespace Deucalion.Common.Labels.Regexes;

/// <summary>Named sets: Perl's \d \s \w, POSIX classes, Unicode categories and scripts.</summary>
internal static class CharGroups
{
    private static readonly CharSet Digit = Parse("09");
    private static readonly CharSet PerlSpace = Parse("\t\n\f\r  ");
    private static readonly CharSet Word = Parse("09AZ__az");

    private static readonly Dictionary<string, CharSet> Posix = new()
    {
        ["alnum"] = Parse("09AZaz"),
        ["alpha"] = Parse("AZaz"),
        ["ascii"] = Parse("\0\u007f"),
        ["blank"] = Parse("\t\t  "),
        ["cntrl"] = Parse("\0\u001f\u007f\u007f"),
        ["digit"] = Digit,
        ["graph"] = Parse("!~"),
        ["lower"] = Parse("az"),
        ["print"] = Parse(" ~"),
        ["punct"] = Parse("!/:@[`{~"),
        ["space"] = Parse("\t\r  "),
        ["upper"] = Parse("AZ"),
        ["word"] = Word,
        ["xdigit"] = Parse("09AFaf"),
    };

    private static readonly string[] CategoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc",
        "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static readonly Lazy<Dictionary<string, CharSet>> Categories = new(BuildCategories);

    /// <summary>The set of \d, \s or \w, negated for a capital letter; null for any other letter.</summary>
    public static CharSet? Perl(char letter, bool fold)
    {
        CharSet? set = char.ToLowerInvariant(letter) switch
        {
            'd' => Digit,
            's' => PerlSpace,
            'w' => Word,
            _ => null,
        };
        return set is null ? null : Adjust(set, fold, char.IsAsciiLetterUpper(letter));
    }

    /// <summary>The set of <c>[:name:]</c> or <c>[:^name:]</c>, the colons left off; null where unknown.</summary>
    public static CharSet? PosixClass(string name, bool fold)
    {
        var negate = name.StartsWith('^');
        return Posix.TryGetValue(negate ? name[1..] : name, out var set) ? Adjust(set, fold, negate) : null;
    }

    /// <summary>The set of a category, script or <c>Any</c>; null where unknown.</summary>
    public static CharSet? Unicode(string name, bool fold, bool negate)
    {
        var set = name == "Any" ? CharSet.Full
            : Categories.Value.TryGetValue(name, out var category) ? category
            : UnicodeScripts.Find(name);
        return set is null ? null : Adjust(set, fold, negate);
    }

    private static CharSet Adjust(CharSet set, bool fold, bool negate)
    {
        set = fold ? set.Fold() : set;
        return negate ? set.Negate() : set;
    }

    private static CharSet Parse(string pairs)
    {
        var ranges = new List<(int Low, int High)>();
        for (var i = 0; i < pairs.Length; i += 2)
        {
            ranges.Add((pairs[i], pairs[i + 1]));
        }

        return CharSet.Of(ranges);
    }

    private static Dictionary<string, CharSet> BuildCategories()
    {
        var ranges = new Dictionary<string, List<(int Low, int High)>>();
        void Add(string name, int low, int high)
        {
            if (!ranges.TryGetValue(name, out var list))
            {
                ranges[name] = list = [];
            }

            list.Add((low, high));
        }

        for (var low = 0; low <= CharSet.MaxRune;)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(low);
            var high = low;
            while (high < CharSet.MaxRune && CharUnicodeInfo.GetUnicodeCategory(high + 1) == category)
            {
                high++;
            }

            var name = CategoryNames[(int)category];
            Add(name, low, high);
            if (category != UnicodeCategory.OtherNotAssigned)
            {
                Add(name[..1], low, high);
            }

            if (name is "Lu" or "Ll" or "Lt")
            {
                Add("LC", low, high);
            }

            low = high + 1;
        }

        return ranges.ToDictionary(p => p.Key, p => CharSet.Of(p.Value));
    }
}
