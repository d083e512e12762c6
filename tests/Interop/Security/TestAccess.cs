using System.Text;

namespace Deucalion.Interop.Security;

/// <summary>Credentials of a test and what they should be good for.</summary>
internal sealed record TestAccess(string Name, string? Header, string[] Tenants, string[] Rights, bool IsValid = true)
{
    public static readonly string[] AllRights = ["write", "read", "rules", "admin"];

    /// <summary>Each right of each of two tenants and of all, all rights, none, wrong ones, expired ones.</summary>
    public static IReadOnlyList<TestAccess> Matrix()
    {
        var all = new List<TestAccess>
        {
            new("none", null, [], [], IsValid: false),
            new("wrong", "Bearer dcl_wrong-secret", [], [], IsValid: false),
            new("hash instead of token", "Bearer " + SecuredNode.Hash("secret-all-admin"), [], [], IsValid: false),
            new("malformed", "Basic !!!", [], [], IsValid: false),
            new("expired", "Bearer secret-expired", ["*"], AllRights, IsValid: false),
            Token("a-everything", ["team-a"], AllRights),
            Token("b-everything", ["team-b"], AllRights),
            Token("all-everything", ["*"], AllRights),
            Token("both-read", ["team-a", "team-b"], ["read"]),
        };
        foreach (var right in AllRights)
        {
            all.Add(Token("a-" + right, ["team-a"], [right]));
            all.Add(Token("b-" + right, ["team-b"], [right]));
            all.Add(Token("all-" + right, ["*"], [right]));
        }

        return all;
    }

    public static TestAccess Token(string name, string[] tenants, string[] rights) => new(name, "Bearer secret-" + name, tenants, rights);

    /// <summary>The file that knows them.</summary>
    public static string File(IEnumerable<TestAccess> all)
    {
        var text = new StringBuilder("tokens:\n");
        foreach (var access in all.Where(static a => a.Rights.Length > 0))
        {
            text.Append("  - name: ").Append(access.Name).Append('\n')
                .Append("    hash: ").Append(SecuredNode.Hash(access.Header!["Bearer ".Length..])).Append('\n')
                .Append("    tenants: [").AppendJoin(", ", access.Tenants.Select(static t => $"'{t}'")).Append("]\n")
                .Append("    rights: [").AppendJoin(", ", access.Rights).Append("]\n")
                .Append("    expires: ").Append(access.IsValid ? "2099-01-01T00:00:00Z\n" : "2001-01-01T00:00:00Z\n");
        }

        return text.ToString();
    }

    public bool Has(string tenant) => Tenants is ["*"] || Tenants.Contains(tenant);
}
