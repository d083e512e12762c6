using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Deucalion.Node.Security;

/// <summary>
/// Finds out whose credentials a request shows. Passwords cost a tenth of a second to check, by design, so outcomes are remembered under a keyed hash: the right
/// one of each user and a bounded number of wrong ones. Checks that are not remembered run on few threads, so that guessing does not take the machine. Thread-safe.
/// </summary>
internal sealed class Authenticator(AccessStore store, TimeProvider time) : IDisposable
{
    private const int RememberedFailures = 1024;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly SemaphoreSlim _checks = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly ConcurrentDictionary<PasswordHash, string> _right = new();
    private readonly ConcurrentDictionary<string, PasswordHash> _wrong = new();

    /// <summary>Whether name and password may be sent.</summary>
    public bool TakesPasswords => store.Current.HasUsers;

    /// <summary>The entry of the credentials, or null and a word for why there is none.</summary>
    public async ValueTask<(AccessEntry? Entry, string Result)> FindAsync(string header, CancellationToken cancellationToken)
    {
        if (header.Length == 0)
        {
            return (null, "missing");
        }

        if (!Credentials.TryParse(header, out var credentials))
        {
            return (null, "wrong");
        }

        var table = store.Current;
        var entry = credentials!.User is null ? table.Token(credentials.Secret) : await UserAsync(table, credentials, cancellationToken);
        return entry is null ? (null, "wrong") : entry.IsExpired(time.GetUtcNow()) ? (null, "expired") : (entry, "allowed");
    }

    /// <inheritdoc/>
    public void Dispose() => _checks.Dispose();

    private async ValueTask<AccessEntry?> UserAsync(AccessTable table, Credentials credentials, CancellationToken cancellationToken)
    {
        var user = table.User(credentials.User!);
        var password = user?.Password ?? table.Nobody;
        var shown = Keyed(credentials);

        // Entries belong to the hash object of one state of the file, and count for nothing in the next.
        if (_right.TryGetValue(password, out var right) && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(right), Encoding.ASCII.GetBytes(shown)))
        {
            return user?.Access;
        }

        if (_wrong.TryGetValue(shown, out var against) && ReferenceEquals(against, password))
        {
            return null;
        }

        await _checks.WaitAsync(cancellationToken);
        try
        {
            if (await Task.Run(() => password.Matches(credentials.Secret), cancellationToken) && user is not null)
            {
                Forget(table);
                _right[password] = shown;
                return user.Access;
            }
        }
        finally
        {
            _checks.Release();
        }

        if (_wrong.Count >= RememberedFailures)
        {
            _wrong.Clear();
        }

        _wrong[shown] = password;
        return null;
    }

    // What was remembered of users that the file no longer has, or has with another password.
    private void Forget(AccessTable table)
    {
        foreach (var password in _right.Keys.Where(p => !table.Has(p)))
        {
            _right.TryRemove(password, out _);
        }
    }

    private string Keyed(Credentials credentials) => Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{credentials.User}:{credentials.Secret}")));
}
