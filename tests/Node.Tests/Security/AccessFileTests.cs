using System.Text;
using Deucalion.Common.Tenants;
using Deucalion.Node.Configuration;
using Deucalion.Node.Security;
using Xunit;

namespace Deucalion.Node.Tests.Security;

public sealed class AccessFileTests
{
    private const string TokenA = "dcl_token-of-team-a";
    private static readonly string Hash = TokenHash.Of(TokenA).ToString();

    [Fact]
    public void KnowsTokensAndUsers_WhenTheFileIsRight()
    {
        var table = AccessFile.Parse("a.yml", $$"""
            tokens:
              - name: senders
                hash: {{Hash}}
                tenants: [team-a, team-b]
                rights: [write, rules]
                expires: 2027-01-01T00:00:00Z
            users:
              - name: grafana
                hash: {{PasswordHash.Create("correct horse")}}
                tenants: ["*"]
                rights: [read]
            """);
        var token = table.Token(TokenA);
        Assert.NotNull(token);
        Assert.Equal("senders", token.Name);
        Assert.Equal(AccessRight.Write | AccessRight.Rules, token.Rights);
        Assert.True(token.Tenants.Contains(Tenant("team-b")));
        Assert.False(token.Tenants.Contains(Tenant("team-c")));
        Assert.Null(token.Tenants.Implied);
        Assert.False(token.IsExpired(new DateTimeOffset(2026, 12, 31, 23, 59, 59, TimeSpan.Zero)));
        Assert.True(token.IsExpired(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.Null(table.Token(TokenA + "x"));
        var user = table.User("grafana");
        Assert.NotNull(user);
        Assert.True(user.Password.Matches("correct horse"));
        Assert.False(user.Password.Matches("correct horses"));
        Assert.True(user.Access.Tenants.IsAll);
        Assert.Equal(TenantId.Anonymous, user.Access.Tenants.Implied);
        Assert.Null(table.User("Grafana"));
    }

    [Theory]
    [InlineData("", "a.yml:1: one document with at least one entry under \"tokens\" or \"users\" is needed; without any nobody could do anything")]
    [InlineData("tokens: []", "a.yml:1: one document with at least one entry under \"tokens\" or \"users\" is needed; without any nobody could do anything")]
    [InlineData("tokens: [", "a.yml:2: not valid YAML")]
    [InlineData("- x", "a.yml:1: the file must be a mapping with the keys tokens, users")]
    [InlineData("secrets: []", "a.yml:1: unknown key at the top; allowed: tokens, users")]
    [InlineData("tokens: x", "a.yml:1: key \"tokens\" must be a list of entries with the keys name, hash, tenants, rights, expires")]
    [InlineData("tokens:\n  - hunter2: x", "a.yml:2: unknown key under \"tokens[0]\"; allowed: name, hash, tenants, rights, expires\na.yml:2: key \"tokens[0].name\" is missing\na.yml:2: key \"tokens[0].tenants\" is missing\na.yml:2: key \"tokens[0].rights\" is missing\na.yml:2: key \"tokens[0].hash\" is missing")]
    [InlineData("tokens:\n  - name: a\n    hash: hunter2\n    tenants: [a]\n    rights: [read]", "a.yml:3: bad value of key \"tokens[0].hash\": sha256: and 64 hexadecimal digits are allowed, as 'deucalion auth token' prints them")]
    [InlineData("tokens:\n  - name: a\n    hash: HASH\n    tenants: [a/b]\n    rights: [read]", "a.yml:4: bad value of key \"tokens[0].tenants\": tenant ID contains unsupported character '/'")]
    [InlineData("tokens:\n  - name: a\n    hash: HASH\n    tenants: ['*', b]\n    rights: [read]", "a.yml:4: bad value of key \"tokens[0].tenants\": \"*\" stands alone")]
    [InlineData("tokens:\n  - name: a\n    hash: HASH\n    tenants: []\n    rights: [read]", "a.yml:4: bad value of key \"tokens[0].tenants\": a list that is not empty is allowed")]
    [InlineData("tokens:\n  - name: a\n    hash: HASH\n    tenants: [a]\n    rights: [read, all]", "a.yml:5: bad value of key \"tokens[0].rights\": only write, read, rules, admin are allowed")]
    [InlineData("tokens:\n  - name: a\n    hash: HASH\n    tenants: [a]\n    rights: [read]\n    expires: soon", "a.yml:6: bad value of key \"tokens[0].expires\": a time such as 2027-01-01T00:00:00Z is allowed")]
    [InlineData("tokens:\n  - {name: a, hash: HASH, tenants: [a], rights: [read]}\n  - {name: b, hash: HASH, tenants: [b], rights: [read]}", "a.yml:3: a second token with the hash of \"tokens[1].hash\"")]
    [InlineData("users:\n  - {name: 'a:b', hash: 'pbkdf2-sha256:1:c2FsdHNhbHQ=:x', tenants: [a], rights: [read]}", "a.yml:2: bad value of key \"users[0].name\": a name that is not empty and has no colon is allowed\na.yml:2: bad value of key \"users[0].hash\": from 10000 to 10000000 iterations are allowed")]
    public void NamesFileLineAndKeyButNoSecret_WhenSomethingIsWrong(string yaml, string message)
    {
        var error = Assert.Throws<ConfigurationException>(() => AccessFile.Parse("a.yml", yaml.Replace("HASH", Hash, StringComparison.Ordinal)));
        Assert.Equal(message, error.Message);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FailsOnlyWithItsOwnErrors_WhenTheTextIsBroken()
    {
        var good = $"tokens:\n  - name: a\n    hash: {Hash}\n    tenants: [a, b]\n    rights: [read, write]\n    expires: 2027-01-01T00:00:00Z\nusers:\n  - name: u\n    hash: {PasswordHash.OfNobody([])}\n    tenants: ['*']\n    rights: [admin]\n";
        Assert.NotNull(AccessFile.Parse("a.yml", good));
        var random = new Random(7);
        var refused = 0;
        for (var i = 0; i < 5000; i++)
        {
            var text = new StringBuilder(good);
            for (var edits = random.Next(1, 4); edits > 0 && text.Length > 0; edits--)
            {
                var at = random.Next(text.Length);
                switch (random.Next(3))
                {
                    case 0: text[at] = "\0\n:-[]{}'\"*&!|> a1,\u00e9"[random.Next(20)]; break;
                    case 1: text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at)); break;
                    default: text.Insert(at, text.ToString(at, Math.Min(random.Next(1, 20), text.Length - at))); break;
                }
            }

            try
            {
                AccessFile.Parse("a.yml", text.ToString());
            }
            catch (ConfigurationException)
            {
                refused++;
            }
        }

        Assert.True(refused > 1000, $"{refused} refused");
    }

    private static TenantId Tenant(string name) => TenantId.TryParse(name, out var tenant, out var error) ? tenant : throw new InvalidOperationException(error);
}
