using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Deucalion.Node.Security;

/// <summary>PBKDF2 with HMAC-SHA-256 of a password, written <c>pbkdf2-sha256:iterations:salt:hash</c>, the last two in base64. Immutable.</summary>
internal sealed class PasswordHash
{
    private const string Scheme = "pbkdf2-sha256";

    // About 0.1 s of one core: what guessing costs, too.
    private const int Iterations = 600_000;
    private const int MinIterations = 10_000;
    private const int MaxIterations = 10_000_000;
    private const int SaltBytes = 16;
    private const int MinSaltBytes = 8;
    private const int MaxSaltBytes = 64;

    private readonly int _iterations;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private PasswordHash(int iterations, byte[] salt, byte[] hash)
    {
        _iterations = iterations;
        _salt = salt;
        _hash = hash;
    }

    /// <summary>What a password is checked against where there is no such user, so that it takes as long as for those there are. No password fits it.</summary>
    public static PasswordHash OfNobody(IEnumerable<PasswordHash> others) =>
        new(others.Select(static o => o._iterations).DefaultIfEmpty(MinIterations).Max(), new byte[SaltBytes], new byte[SHA256.HashSizeInBytes]);

    /// <summary>Hashes a password with a new salt.</summary>
    public static PasswordHash Create(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new PasswordHash(Iterations, salt, Derive(password, salt, Iterations));
    }

    /// <summary>Reads a hash; <see cref="FormatException"/> says what is allowed and does not show the text.</summary>
    public static PasswordHash Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length != 4 || parts[0] != Scheme)
        {
            throw new FormatException($"{Scheme}:iterations:salt:hash is allowed, as 'deucalion auth hash' prints it");
        }

        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < MinIterations or > MaxIterations)
        {
            throw new FormatException($"from {MinIterations} to {MaxIterations} iterations are allowed");
        }

        var salt = Bytes(parts[2]);
        var hash = Bytes(parts[3]);
        return salt?.Length is >= MinSaltBytes and <= MaxSaltBytes && hash?.Length == SHA256.HashSizeInBytes
            ? new PasswordHash(iterations, salt, hash)
            : throw new FormatException($"a salt of {MinSaltBytes} to {MaxSaltBytes} bytes and a hash of {SHA256.HashSizeInBytes}, both in base64, are allowed");
    }

    /// <summary>Whether the password is the one. Takes long, and as long for a wrong one.</summary>
    public bool Matches(string password) => CryptographicOperations.FixedTimeEquals(Derive(password, _salt, _iterations), _hash);

    /// <summary>The text of the file.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Scheme}:{_iterations}:{Convert.ToBase64String(_salt)}:{Convert.ToBase64String(_hash)}");

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);

    private static byte[]? Bytes(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
