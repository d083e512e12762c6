using System.Text;
using Deucalion.Common.IO;
using Deucalion.Node.Configuration;
using Deucalion.Node.Security;
using Deucalion.Testing;
using Deucalion.Testing.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Testing.Telemetry;
using Xunit;

namespace Deucalion.Node.Tests.Security;

public sealed class AuthenticatorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestMeterFactory _meters = new();
    private readonly ManualTime _time = new();

    public void Dispose()
    {
        _directory.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task TellsRightFromWrongAndExpired()
    {
        Write(Token("secret-one", "2026-01-01T01:00:10Z"));
        using var store = Open();
        using var authenticator = new Authenticator(store, _time);
        Assert.Equal("missing", (await FindAsync(authenticator, "")).Result);
        Assert.Equal("wrong", (await FindAsync(authenticator, "Bearer secret-two")).Result);
        Assert.Equal("wrong", (await FindAsync(authenticator, "Bearer sha256:x")).Result);
        Assert.Equal("one", (await FindAsync(authenticator, "Bearer secret-one")).Entry?.Name);
        _time.Advance(TimeSpan.FromSeconds(10));
        var (entry, result) = await FindAsync(authenticator, "Bearer secret-one");
        Assert.Null(entry);
        Assert.Equal("expired", result);
    }

    [Fact]
    public async Task RemembersPasswordsUntilTheyChange()
    {
        Write(User("alice", "first password"));
        using var store = Open();
        using var authenticator = new Authenticator(store, _time);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("alice", (await FindAsync(authenticator, Basic("alice", "first password"))).Entry?.Name);
            Assert.Equal("wrong", (await FindAsync(authenticator, Basic("alice", "second password"))).Result);
            Assert.Equal("wrong", (await FindAsync(authenticator, Basic("bob", "first password"))).Result);
        }

        Write(User("alice", "second password"));
        Assert.Null(store.Reload());
        Assert.Equal("wrong", (await FindAsync(authenticator, Basic("alice", "first password"))).Result);
        Assert.Equal("alice", (await FindAsync(authenticator, Basic("alice", "second password"))).Entry?.Name);
    }

    [Fact]
    public async Task KeepsTheCredentialsOfBefore_WhenTheChangedFileIsBroken()
    {
        Write(Token("secret-one"));
        using var store = Open();
        using var authenticator = new Authenticator(store, _time);
        Write("tokens: [");
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("one", (await FindAsync(authenticator, "Bearer secret-one")).Entry?.Name);
        Assert.Contains("not valid YAML", store.Reload(), StringComparison.Ordinal);
        Assert.Equal(2, _meters.Sum("deucalion_auth_file_reloads_total"));

        Write(Token("secret-two"));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("wrong", (await FindAsync(authenticator, "Bearer secret-one")).Result);
        Assert.Equal("one", (await FindAsync(authenticator, "Bearer secret-two")).Entry?.Name);
    }

    [Fact]
    public void RefusesToOpen_WhenTheFileIsMissingOrBroken()
    {
        Assert.Contains("is missing", Assert.Throws<ConfigurationException>(Open).Message, StringComparison.Ordinal);
        Write("tokens: 1");
        Assert.Contains("access.yml:1: key \"tokens\"", Assert.Throws<ConfigurationException>(Open).Message, StringComparison.Ordinal);
    }

    private static string Token(string secret, string expires = "2099-01-01") =>
        $"tokens:\n  - name: one\n    hash: {TokenHash.Of(secret)}\n    tenants: [a]\n    rights: [read]\n    expires: {expires}\n";

    private static string User(string name, string password) =>
        $"users:\n  - name: {name}\n    hash: {PasswordHash.Create(password)}\n    tenants: [a]\n    rights: [read]\n";

    private static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private static ValueTask<(AccessEntry? Entry, string Result)> FindAsync(Authenticator authenticator, string header) =>
        authenticator.FindAsync(header, TestContext.Current.CancellationToken);

    private void Write(string text) => File.WriteAllText(_directory.Child("access.yml"), text);

    private AccessStore Open() => new(new LinuxDisk(), _directory.Child("access.yml"), _time, new AccessMetrics(_meters), NullLogger<AccessStore>.Instance);
}
