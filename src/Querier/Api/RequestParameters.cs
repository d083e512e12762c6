using System.Text;
using Microsoft.AspNetCore.Http;

namespace Deucalion.Querier.Api;

/// <summary>The parameters of a request: those of a form body first, then those of the URL, read as Go's net/http reads them.</summary>
internal sealed class RequestParameters
{
    private const int MaxFormBytes = 10 << 20;

    private readonly List<KeyValuePair<string, string>> _pairs = [];

    /// <summary>What is wrong with the text of the parameters, or null. What could be read is there all the same.</summary>
    public string? Error { get; private set; }

    /// <summary>Reads URL and body.</summary>
    public static async ValueTask<RequestParameters> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var parameters = new RequestParameters();
        if (HasForm(request))
        {
            parameters.Parse(await ReadBodyAsync(request, parameters, cancellationToken));
        }

        var query = request.QueryString.Value;
        if (!string.IsNullOrEmpty(query))
        {
            parameters.Parse(Encoding.UTF8.GetBytes(query, 1, query.Length - 1));
        }

        return parameters;
    }

    /// <summary>First value of the parameter, or the empty string.</summary>
    public string Get(string name)
    {
        foreach (var pair in _pairs)
        {
            if (pair.Key == name)
            {
                return pair.Value;
            }
        }

        return string.Empty;
    }

    /// <summary>All values of the parameter.</summary>
    public List<string> GetAll(string name)
    {
        var values = new List<string>();
        foreach (var pair in _pairs)
        {
            if (pair.Key == name)
            {
                values.Add(pair.Value);
            }
        }

        return values;
    }

    private static bool HasForm(HttpRequest request) =>
        (HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method))
        && request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    private static async ValueTask<byte[]> ReadBodyAsync(HttpRequest request, RequestParameters parameters, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (body.Length + read > MaxFormBytes)
            {
                parameters.Error = "http: POST too large";
                return [];
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private void Parse(ReadOnlySpan<byte> text)
    {
        foreach (var range in text.Split((byte)'&'))
        {
            var pair = text[range];
            if (pair.IsEmpty)
            {
                continue;
            }

            if (pair.Contains((byte)';'))
            {
                Error ??= "invalid semicolon separator in query";
                continue;
            }

            var equals = pair.IndexOf((byte)'=');
            if (TryUnescape(equals < 0 ? pair : pair[..equals], out var name) && TryUnescape(equals < 0 ? default : pair[(equals + 1)..], out var value))
            {
                _pairs.Add(new(name, value));
            }
        }
    }

    private bool TryUnescape(ReadOnlySpan<byte> text, out string result)
    {
        if (text.IndexOfAny((byte)'%', (byte)'+') < 0)
        {
            result = Encoding.UTF8.GetString(text);
            return true;
        }

        var bytes = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                bytes[length++] = text[i] == '+' ? (byte)' ' : text[i];
            }
            else if (i + 2 < text.Length && char.IsAsciiHexDigit((char)text[i + 1]) && char.IsAsciiHexDigit((char)text[i + 2]))
            {
                bytes[length++] = (byte)((HexValue(text[i + 1]) << 4) | HexValue(text[i + 2]));
                i += 2;
            }
            else
            {
                var escape = Encoding.UTF8.GetString(text.Slice(i, Math.Min(3, text.Length - i)));
                Error ??= $"invalid URL escape \"{escape}\"";
                result = string.Empty;
                return false;
            }
        }

        result = Encoding.UTF8.GetString(bytes, 0, length);
        return true;
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
