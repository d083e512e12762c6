using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Deucalion.PromQL.Parser;

/// <summary>Values of string tokens, which the lexer has already checked.</summary>
public static class GoString
{
    /// <summary>Content of a quoted string. Bytes written as <c>\x</c> or octal that do not form UTF-8 become U+DC00 plus the byte.</summary>
    public static string Unquote(string quoted)
    {
        var body = quoted.AsSpan(1, quoted.Length - 2);
        if (quoted[0] == '`')
        {
            return body.ToString();
        }

        if (!body.Contains('\\'))
        {
            return body.ToString();
        }

        // An escape gives at most as many bytes as it has characters.
        var bytes = new byte[Encoding.UTF8.GetByteCount(body)];
        var length = 0;
        while (!body.IsEmpty)
        {
            var escape = body.IndexOf('\\');
            var plain = escape < 0 ? body.Length : escape;
            length += Encoding.UTF8.GetBytes(body[..plain], bytes.AsSpan(length));
            body = body[plain..];
            if (!body.IsEmpty)
            {
                body = body[AppendEscape(body, bytes, ref length)..];
            }
        }

        return Decode(bytes.AsSpan(0, length));
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
                bytes = bytes[used..];
            }
            else
            {
                text.Append((char)(0xDC00 + bytes[0]));
                bytes = bytes[1..];
            }
        }

        return text.ToString();
    }

    private static int AppendEscape(ReadOnlySpan<char> text, byte[] bytes, ref int length)
    {
        var c = text[1];
        switch (c)
        {
            case 'x':
                bytes[length++] = Convert.ToByte(text[2..4].ToString(), 16);
                return 4;
            case >= '0' and <= '7':
                bytes[length++] = (byte)Convert.ToInt32(text[1..4].ToString(), 8);
                return 4;
            case 'u' or 'U':
                var size = c == 'u' ? 4 : 8;
                var rune = new Rune(Convert.ToInt32(text.Slice(2, size).ToString(), 16));
                length += rune.EncodeToUtf8(bytes.AsSpan(length));
                return size + 2;
        }

        bytes[length++] = c switch
        {
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            _ => (byte)c,
        };
        return 2;
    }
}
