using System.Security.Cryptography;
using System.Text;

namespace Deucalion.Node.Security;

/// <summary>SHA-256 of a token, written <c>sha256:</c> and 64 hexadecimal digits. One round is enough because a token is random, not chosen by a person.</summary>
internal readonly record struct TokenHash
{
    private const string Prefix = "sha256:";
    private const string TokenPrefix = "dcl_";
    private const int TokenBytes = 32;

    private readonly string _hex;

    private TokenHash(string hex) => _hex = hex;

    /// <summary>The hash of a token.</summary>
    public static TokenHash Of(string token) => new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))));

    /// <summary>Reads a hash; <see cref="FormatException"/> says what is allowed and does not show the text.</summary>
    public static TokenHash Parse(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length == Prefix.Length + (2 * SHA256.HashSizeInBytes) && text.Skip(Prefix.Length).All(char.IsAsciiHexDigit)
            ? new TokenHash(text[Prefix.Length..].ToLowerInvariant())
            : throw new FormatException("sha256: and 64 hexadecimal digits are allowed, as 'deucalion auth token' prints them");

    /// <summary>A new token of 256 random bits.</summary>
    public static string NewToken() => TokenPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes)).Replace('+', '-').Replace('/', '_').TrimEnd('=');

    /// <summary>The text of the file.</summary>
    public override string ToString() => Prefix + _hex;
}
