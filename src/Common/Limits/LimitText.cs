using System.Globalization;
using Deucalion.Common.Tenants;

namespace Deucalion.Common.Limits;

/// <summary>What is told to who exceeds a limit: the limit's name and value, and the key to change.</summary>
public static class LimitText
{
    private static readonly (string Unit, long Milliseconds)[] Units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    /// <summary>As in <c>tenant "a": 12,000 samples exceed the limit of 10,000 (key); raise it in limits.overrides.a.key</c>.</summary>
    /// <param name="tenant">Whose limit.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="name">The limit.</param>
    /// <param name="what">What exceeds it, with the verb.</param>
    public static string Exceeded(TenantId tenant, TenantLimits limits, LimitName name, string what) =>
        $"tenant \"{tenant}\": {what} the limit of {ValueOf(limits, name)} ({LimitNames.KeyOf(name)}); raise it in {KeyToRaise(tenant, limits, name)}";

    /// <summary>The key that changes the limit: the tenant's, or the node's where the tenant has as much as the node gives.</summary>
    public static string KeyToRaise(TenantId tenant, TenantLimits limits, LimitName name) =>
        limits.IsAtBound(name) ? LimitNames.NodeKeyOf(name)! : $"limits.overrides.{tenant}.{LimitNames.KeyOf(name)}";

    /// <summary>The limit with its unit.</summary>
    public static string ValueOf(TenantLimits limits, LimitName name) => name switch
    {
        LimitName.IngestionRate => $"{Number(limits.ValueOf(name))} samples/s",
        LimitName.IngestionBurst => $"{Number(limits.ValueOf(name))} samples",
        LimitName.MaxLabelNameLength or LimitName.MaxLabelValueLength or LimitName.MaxRequestSize or LimitName.QueryMaxBytes => $"{Number(limits.ValueOf(name))} bytes",
        LimitName.QueryTimeout or LimitName.QueryMaxRange => Duration(limits.ValueOf(name)),
        _ => Number(limits.ValueOf(name)),
    };

    /// <summary>A number with separators.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A duration in milliseconds as the configuration writes it.</summary>
    public static string Duration(long milliseconds)
    {
        var text = string.Empty;
        foreach (var (unit, length) in Units)
        {
            if (milliseconds >= length)
            {
                text += (milliseconds / length).ToString(CultureInfo.InvariantCulture) + unit;
                milliseconds %= length;
            }
        }

        return text.Length == 0 ? "0s" : text;
    }
}
