namespace Deucalion.Common.Labels;

/// <summary>
/// Compares strings as their UTF-8 bytes would compare. UTF-16 code unit order differs from it only where surrogates meet
/// units from U+E000 up, so those are lifted above before comparing.
/// </summary>
public static class Utf8Order
{
    /// <summary>Negative, zero or positive as <paramref name="a"/> sorts before, with or after <paramref name="b"/>.</summary>
    public static int Compare(string a, string b)
    {
        if (ReferenceEquals(a, b))
        {
            return 0;
        }

        var i = a.AsSpan().CommonPrefixLength(b);
        if (i == a.Length || i == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        return Rank(a[i]) - Rank(b[i]);
    }

    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
