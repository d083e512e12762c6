using System.Collections.Frozen;
using Deucalion.Common.Tenants;

namespace Deucalion.Node.Security;

/// <summary>The tenants that credentials are good for. Immutable.</summary>
internal sealed class TenantSet
{
    /// <summary>Word for every tenant there is or will be.</summary>
    public const string AllWord = "*";

    private readonly FrozenSet<TenantId> _names;

    private TenantSet(bool isAll, FrozenSet<TenantId> names)
    {
        IsAll = isAll;
        _names = names;
    }

    /// <summary>Every tenant.</summary>
    public static TenantSet All { get; } = new(true, []);

    /// <summary>Whether it is every tenant.</summary>
    public bool IsAll { get; }

    /// <summary>The tenant of a request that names none: the only one there is, or for credentials of all tenants the one of a node without authentication. Null: it has to be named.</summary>
    public TenantId? Implied => IsAll ? TenantId.Anonymous : _names.Count == 1 ? _names.Single() : null;

    /// <summary>Some tenants.</summary>
    public static TenantSet Of(IEnumerable<TenantId> names) => new(false, names.ToFrozenSet());

    /// <summary>Whether a tenant is among them.</summary>
    public bool Contains(TenantId tenant) => IsAll || _names.Contains(tenant);
}
