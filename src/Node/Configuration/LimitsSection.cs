using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;

namespace Deucalion.Node.Configuration;

/// <summary>The limits as they are configured: values of the defaults, and of tenants that have others. Immutable.</summary>
/// <param name="Defaults">Values for tenants that have no others.</param>
/// <param name="Overrides">Values of tenants; what a tenant does not name is as in the defaults.</param>
internal sealed record LimitsSection(IReadOnlyList<LimitValue> Defaults, IReadOnlyDictionary<TenantId, IReadOnlyList<LimitValue>> Overrides)
{
    /// <summary>Nothing is configured.</summary>
    public static readonly LimitsSection Empty = new([], new Dictionary<TenantId, IReadOnlyList<LimitValue>>());

    /// <summary>The limits that this makes on a node with the given settings in force, as far as its own bounds allow.</summary>
    public LimitSet ToLimits(NodeOptions inForce)
    {
        var bounds = LimitSchema.BoundsOf(inForce);
        var defaults = Apply(bounds, Defaults);
        return new LimitSet(defaults.Within(bounds), Overrides.ToDictionary(static x => x.Key, x => Apply(defaults, x.Value).Within(bounds)));
    }

    /// <summary>Where a tenant's limit comes from: the key that sets it, or <c>default</c>.</summary>
    public string OriginOf(TenantId tenant, LimitKey key) =>
        Overrides.TryGetValue(tenant, out var own) && own.Any(value => value.Key == key) ? $"limits.overrides.{tenant}.{key.Name}"
        : Defaults.Any(value => value.Key == key) ? $"limits.defaults.{key.Name}"
        : LimitNames.NodeKeyOf(key.Limit) ?? "default";

    /// <summary>The section as lines of YAML, without its own name; none where nothing is configured.</summary>
    public IEnumerable<string> ToYaml(string indent)
    {
        if (Defaults.Count > 0)
        {
            yield return $"{indent}defaults:";
            foreach (var value in Defaults)
            {
                yield return $"{indent}  {value.Key.Name}: {value.Text}";
            }
        }

        if (Overrides.Count > 0)
        {
            yield return $"{indent}overrides:";
        }

        foreach (var (tenant, values) in Overrides.OrderBy(static x => x.Key.Value, StringComparer.Ordinal))
        {
            yield return $"{indent}  \"{tenant}\":";
            foreach (var value in values)
            {
                yield return $"{indent}    {value.Key.Name}: {value.Text}";
            }
        }
    }

    private static TenantLimits Apply(TenantLimits limits, IReadOnlyList<LimitValue> values) =>
        values.Aggregate(limits, static (l, value) => value.Key.Set(l, value.Text));
}

/// <summary>A key with a text that it accepts.</summary>
/// <param name="Key">The key.</param>
/// <param name="Text">The text.</param>
internal sealed record LimitValue(LimitKey Key, string Text);
