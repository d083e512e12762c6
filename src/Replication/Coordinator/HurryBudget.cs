namespace Deucalion.Replication.Coordinator;

/// <summary>
/// How many readings of the leases may come before their time: enough for quick failovers one after the other, few where a primary is missed for
/// hours that is alive.
/// </summary>
internal sealed class HurryBudget
{
    private const int Most = 15;
    private const long RefillEvery = 10_000;

    private double _left = Most;
    private long _refilledAt = long.MinValue;

    public bool TryTake(long now)
    {
        if (_refilledAt != long.MinValue)
        {
            _left = Math.Min(Most, _left + ((double)(now - _refilledAt) / RefillEvery));
        }

        _refilledAt = now;
        if (_left < 1)
        {
            return false;
        }

        _left--;
        return true;
    }
}
