using System.Text;

namespace Deucalion.Node.Security;

/// <summary>What a request shows: nothing, a token, or name and password. Its text never goes into logs or answers, so it has no other text form.</summary>
internal sealed class Credentials
{
    // Longer ones are no credentials, and would only cost time to hash.
    private const int MaxLength = 4096;

    private const string BearerScheme = "Bearer";
    private const string BasicScheme = "Basic";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private Credentials(string? user, string secret)
    {
        User = user;
        Secret = secret;
    }

    /// <summary>The name of a user; null for a token.</summary>
    public string? User { get; }

    /// <summary>The token or password.</summary>
    public string Secret { get; }

    /// <summary>Reads the value of an Authorization header; false where it is neither of both schemes or malformed.</summary>
    public static bool TryParse(string header, out Credentials? credentials)
    {
        credentials = null;
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        if (space <= 0 || header.Length > MaxLength)
        {
            return false;
        }

        var scheme = header.AsSpan(0, space);
        var value = header[space..].Trim(' ');
        if (value.Length == 0)
        {
            return false;
        }

        if (scheme.Equals(BearerScheme, StringComparison.OrdinalIgnoreCase))
        {
            credentials = new Credentials(null, value);
            return true;
        }

        credentials = scheme.Equals(BasicScheme, StringComparison.OrdinalIgnoreCase) ? Basic(value) : null;
        return credentials is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => User is null ? "a token" : "name and password";

    private static Credentials? Basic(string value)
    {
        var bytes = new byte[value.Length];
        if (!Convert.TryFromBase64String(value, bytes, out var length))
        {
            return null;
        }

        string text;
        try
        {
            text = StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : new Credentials(text[..colon], text[(colon + 1)..]);
    }
}
