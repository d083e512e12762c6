namespace Deucalion.Storage.Head;

/// <summary>Samples staged and not yet applied, oldest first: a ring that grows.</summary>
internal sealed class PendingSamples
{
    private (int Ref, long Time, SampleIdentity Sample)[] _ring = new (int, long, SampleIdentity)[64];
    private int _first;

    /// <summary>Number of samples.</summary>
    public int Count { get; private set; }

    public (int Ref, long Time, SampleIdentity Sample) this[int index] => _ring[(_first + index) & (_ring.Length - 1)];

    public void Add(int seriesRef, long time, SampleIdentity sample)
    {
        if (Count == _ring.Length)
        {
            var larger = new (int, long, SampleIdentity)[_ring.Length * 2];
            for (var i = 0; i < Count; i++)
            {
                larger[i] = this[i];
            }

            _ring = larger;
            _first = 0;
        }

        _ring[(_first + Count) & (_ring.Length - 1)] = (seriesRef, time, sample);
        Count++;
    }

    /// <summary>Removes the oldest.</summary>
    public void Remove(int count)
    {
        count = Math.Min(count, Count);
        _first = (_first + count) & (_ring.Length - 1);
        Count -= count;
    }

    /// <summary>What is pending for a series and time.</summary>
    public bool TryFind(int seriesRef, long time, out SampleIdentity sample)
    {
        for (var i = 0; i < Count; i++)
        {
            var pending = this[i];
            if (pending.Ref == seriesRef && pending.Time == time)
            {
                sample = pending.Sample;
                return true;
            }
        }

        sample = default;
        return false;
    }
}
