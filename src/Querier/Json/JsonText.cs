using System.Buffers;
using System.Text;

namespace Deucalion.Querier.Json;

/// <summary>JSON strings escaped as Prometheus's encoder escapes them.</summary>
internal static class JsonText
{
    private const string Control =
        "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e\u000f"
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f";

    private static readonly SearchValues<char> Special = SearchValues.Create(Control + "\"\\");
    private static readonly SearchValues<char> SpecialHtml = SearchValues.Create(Control + "\"\\<>&\u2028\u2029");

    /// <summary>Appends the text as a JSON string; <paramref name="html"/> escapes what HTML and JavaScript would take amiss.</summary>
    public static void Write(JsonOutput output, ReadOnlySpan<char> text, bool html)
    {
        output.Raw((byte)'"');
        var special = html ? SpecialHtml : Special;
        while (!text.IsEmpty)
        {
            var next = text.IndexOfAny(special);
            var plain = next < 0 ? text : text[..next];
            if (!plain.IsEmpty)
            {
                output.Advance(Encoding.UTF8.GetBytes(plain, output.Reserve(Encoding.UTF8.GetMaxByteCount(plain.Length))));
            }

            if (next < 0)
            {
                break;
            }

            Escape(output, text[next], html);
            text = text[(next + 1)..];
        }

        output.Raw((byte)'"');
    }

    private static void Escape(JsonOutput output, char c, bool html)
    {
        switch (c)
        {
            case '"': output.Raw("\\\""u8); break;
            case '\\': output.Raw("\\\\"u8); break;
            case '\n': output.Raw("\\n"u8); break;
            case '\r': output.Raw("\\r"u8); break;
            case '\t': output.Raw("\\t"u8); break;
            case '\b' when html: output.Raw("\\b"u8); break;
            case '\f' when html: output.Raw("\\f"u8); break;
            default:
                output.Raw("\\u"u8);
                output.Raw(Hex(c >> 12));
                output.Raw(Hex(c >> 8));
                output.Raw(Hex(c >> 4));
                output.Raw(Hex(c));
                break;
        }
    }

    private static byte Hex(int value) => "0123456789abcdef"u8[value & 15];
}
