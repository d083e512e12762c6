using System.Collections.Frozen;

namespace Deucalion.Node.Security;

/// <summary>One state of the file of credentials. Immutable.</summary>
/// <param name="tokens">Tokens by the hash of their secret.</param>
/// <param name="users">Users by name.</param>
internal sealed class AccessTable(IReadOnlyDictionary<TokenHash, AccessEntry> tokens, IReadOnlyDictionary<string, UserEntry> users)
{
    private readonly FrozenDictionary<TokenHash, AccessEntry> _tokens = tokens.ToFrozenDictionary();
    private readonly FrozenDictionary<string, UserEntry> _users = users.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What passwords of users that do not exist are checked against.</summary>
    public PasswordHash Nobody { get; } = PasswordHash.OfNobody(users.Values.Select(static u => u.Password));

    /// <summary>Whether there are users, so that asking for a name and a password makes sense.</summary>
    public bool HasUsers => _users.Count > 0;

    /// <summary>All entries.</summary>
    public IEnumerable<AccessEntry> Entries => _tokens.Values.Concat(_users.Values.Select(static u => u.Access));

    /// <summary>The token of a secret, or null. How long it takes tells nothing about secrets: they are looked up by their hash.</summary>
    public AccessEntry? Token(string secret) => _tokens.GetValueOrDefault(TokenHash.Of(secret));

    /// <summary>Whether a user of this state has the hash, the very object.</summary>
    public bool Has(PasswordHash password) => _users.Values.Any(u => ReferenceEquals(u.Password, password));

    /// <summary>The user of a name, or null.</summary>
    public UserEntry? User(string name) => _users.GetValueOrDefault(name);
}

/// <summary>A user and the hash of the password.</summary>
internal sealed record UserEntry(PasswordHash Password, AccessEntry Access);
