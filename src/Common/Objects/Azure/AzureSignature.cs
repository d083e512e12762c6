using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Deucalion.Common.Objects.Azure;

/// <summary>Signs requests with the key of an account (scheme SharedKey). Thread-safe.</summary>
internal sealed class AzureSignature(string account, byte[] key)
{
    /// <summary>Puts the signature into a request that has all its headers.</summary>
    public void Sign(HttpRequestMessage request)
    {
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(TextOf(request))));
        request.Headers.TryAddWithoutValidation("Authorization", $"SharedKey {account}:{signature}");
    }

    /// <summary>What is signed: method, headers, path and query in the form that the service makes of them too.</summary>
    internal string TextOf(HttpRequestMessage request)
    {
        var length = request.Content?.Headers.ContentLength ?? 0;
        var text = new StringBuilder();
        text.Append(request.Method.Method).Append('\n');
        text.Append("\n\n");
        text.Append(length == 0 ? string.Empty : length.ToString(CultureInfo.InvariantCulture)).Append('\n');
        text.Append('\n');
        text.Append(request.Content?.Headers.ContentType?.ToString() ?? string.Empty).Append('\n');
        text.Append("\n\n");
        text.Append(Header(request, "If-Match")).Append('\n');
        text.Append(Header(request, "If-None-Match")).Append('\n');
        text.Append("\n\n");
        var own = request.Headers.Where(static x => x.Key.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase));
        foreach (var (name, values) in own.Select(static x => (Name: x.Key.ToLowerInvariant(), x.Value)).OrderBy(static x => x.Name, StringComparer.Ordinal))
        {
            text.Append(name).Append(':').Append(string.Join(',', values).Trim()).Append('\n');
        }

        text.Append('/').Append(account).Append(request.RequestUri!.AbsolutePath);
        foreach (var (name, value) in QueryOf(request.RequestUri).OrderBy(static x => x.Name, StringComparer.Ordinal))
        {
            text.Append('\n').Append(name).Append(':').Append(value);
        }

        return text.ToString();
    }

    private static string Header(HttpRequestMessage request, string name) =>
        request.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : string.Empty;

    private static IEnumerable<(string Name, string Value)> QueryOf(Uri uri)
    {
        foreach (var part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            yield return (Uri.UnescapeDataString(part[..equals]).ToLowerInvariant(), Uri.UnescapeDataString(part[(equals + 1)..]));
        }
    }
}
