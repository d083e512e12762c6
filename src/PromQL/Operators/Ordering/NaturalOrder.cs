using System.Globalization;
using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Ordering;

/// <summary>Compares texts piece by piece, runs of digits as numbers.</summary>
internal static class NaturalOrder
{
    public static int Compare(string a, string b)
    {
        var x = a.AsSpan();
        var y = b.AsSpan();
        while (!x.IsEmpty && !y.IsEmpty)
        {
            var pieceX = Piece(x);
            var pieceY = Piece(y);
            var order = ComparePieces(pieceX, pieceY);
            if (order != 0)
            {
                return order;
            }

            x = x[pieceX.Length..];
            y = y[pieceY.Length..];
        }

        return x.Length.CompareTo(y.Length);
    }

    private static ReadOnlySpan<char> Piece(ReadOnlySpan<char> text)
    {
        var digits = char.IsAsciiDigit(text[0]);
        var n = 1;
        while (n < text.Length && char.IsAsciiDigit(text[n]) == digits)
        {
            n++;
        }

        return text[..n];
    }

    private static int ComparePieces(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        if (char.IsAsciiDigit(a[0]) && char.IsAsciiDigit(b[0])
            && ulong.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var x)
            && ulong.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var y)
            && x != y)
        {
            return x.CompareTo(y);
        }

        return Utf8Order.Compare(a.ToString(), b.ToString());
    }
}
