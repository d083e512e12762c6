using System.Globalization;
using System.Text;

namespace Deucalion.Common.Wire;

/// <summary>Texts of statuses in header <c>grpc-message</c>: UTF-8, where all but printable ASCII, and <c>%</c>, is written as <c>%XX</c>.</summary>
internal static class StatusMessage
{
    // Header blocks are small; what is longer says nothing new.
    private const int MaxBytes = 2048;

    public static string Encode(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        var length = CutAt(bytes, MaxBytes);
        if (bytes.AsSpan(0, length).IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) < 0 && !bytes.AsSpan(0, length).Contains((byte)'%') && !Padded(bytes, length))
        {
            return length == bytes.Length ? message : Encoding.ASCII.GetString(bytes, 0, length);
        }

        var encoded = new StringBuilder(length + 16);
        for (var i = 0; i < length; i++)
        {
            // Blanks at the ends of a header's value would be taken away.
            if (bytes[i] is >= 0x20 and <= 0x7E and not (byte)'%' && !(bytes[i] == ' ' && (i == 0 || i == length - 1)))
            {
                encoded.Append((char)bytes[i]);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{bytes[i]:X2}");
            }
        }

        return encoded.ToString();
    }

    /// <summary>What does not follow the encoding is taken as it stands: a text about a failure must not fail.</summary>
    public static string Decode(string encoded)
    {
        if (!encoded.Contains('%', StringComparison.Ordinal))
        {
            return encoded;
        }

        var bytes = new List<byte>(encoded.Length);
        var i = 0;
        while (i < encoded.Length)
        {
            if (encoded[i] == '%' && i + 2 < encoded.Length && byte.TryParse(encoded.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                i += 3;
                continue;
            }

            var run = encoded.IndexOf('%', i + 1);
            run = run < 0 ? encoded.Length : run;
            bytes.AddRange(Encoding.UTF8.GetBytes(encoded[i..run]));
            i = run;
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool Padded(byte[] bytes, int length) => length > 0 && (bytes[0] == ' ' || bytes[length - 1] == ' ');

    /// <summary>The longest whole characters within the limit.</summary>
    private static int CutAt(byte[] bytes, int limit)
    {
        if (bytes.Length <= limit)
        {
            return bytes.Length;
        }

        while (limit > 0 && (bytes[limit] & 0xC0) == 0x80)
        {
            limit--;
        }

        return limit;
    }
}
