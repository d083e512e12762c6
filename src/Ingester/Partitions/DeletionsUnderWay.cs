using Deucalion.Common.Tenants;

namespace Deucalion.Ingester.Partitions;

/// <summary>
/// Deletions that have been appended to the log and not applied, with the requests that wait for them: what was staged now would go behind the deletion in the
/// log, and speak of series that are gone by then. For the actor.
/// </summary>
internal sealed class DeletionsUnderWay
{
    private readonly Dictionary<TenantId, UnderWay> _tenants = [];

    /// <summary>How many requests wait.</summary>
    public int HeldCount { get; private set; }

    /// <summary>Whether a deletion of the tenant has been appended and not applied.</summary>
    public bool Includes(TenantId tenant) => _tenants.Count > 0 && _tenants.ContainsKey(tenant);

    /// <summary>A deletion has been appended. One that is under way for the tenant is waited for no more: this one comes later.</summary>
    public void Begin(TenantId tenant, long seq) => _tenants[tenant] = new UnderWay(seq, _tenants.GetValueOrDefault(tenant).Held ?? []);

    /// <summary>Holds a request of a tenant that is included.</summary>
    public void Hold(AppendRequest request)
    {
        _tenants[request.Tenant].Held.Add(request);
        HeldCount++;
    }

    /// <summary>The next tenant whose deletion has been applied, and the requests that waited for it in order of arrival; false where there is none.</summary>
    public bool TryTakeApplied(long applied, out TenantId tenant, out IReadOnlyList<AppendRequest> held)
    {
        foreach (var (name, underWay) in _tenants)
        {
            if (underWay.Seq <= applied)
            {
                _tenants.Remove(name);
                HeldCount -= underWay.Held.Count;
                (tenant, held) = (name, underWay.Held);
                return true;
            }
        }

        (tenant, held) = (default, []);
        return false;
    }

    /// <summary>Tells requests that nobody waits for any more to try again.</summary>
    public void Expire(long now, string reason)
    {
        if (HeldCount == 0)
        {
            return;
        }

        foreach (var (_, held) in _tenants.Values)
        {
            for (var i = held.Count - 1; i >= 0; i--)
            {
                if (held[i].TryExpire(now, reason))
                {
                    held.RemoveAt(i);
                    HeldCount--;
                }
            }
        }
    }

    /// <summary>The log takes no more appends: nothing is under way any more.</summary>
    public void Fail(string reason)
    {
        var waiting = _tenants.Values.SelectMany(static x => x.Held).ToList();
        _tenants.Clear();
        HeldCount = 0;
        waiting.ForEach(request => request.Fail(new PartitionMovingException(reason)));
    }

    private readonly record struct UnderWay(long Seq, List<AppendRequest> Held);
}
