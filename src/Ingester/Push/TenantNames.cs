using System.Collections.Concurrent;
using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Push;

/// <summary>
/// Names of tenants as labels of metrics. Whoever may write may make up tenants, and a series that was once counted stays: beyond a number of tenants the
/// others are counted together. Thread-safe.
/// </summary>
internal sealed class TenantNames(int most)
{
    /// <summary>Label of the tenants that are too many; no tenant can be called so.</summary>
    public const string Other = "<other>";

    private readonly ConcurrentDictionary<string, byte> _known = new();
    private int _count;

    /// <summary>The label of a tenant; nothing is allocated for one that has been counted before.</summary>
    public string Of(TenantId tenant)
    {
        if (_known.ContainsKey(tenant.Value))
        {
            return tenant.Value;
        }

        if (Volatile.Read(ref _count) >= most)
        {
            return Other;
        }

        if (_known.TryAdd(tenant.Value, 0))
        {
            Interlocked.Increment(ref _count);
        }

        return tenant.Value;
    }
}
