using System.Diagnostics.CodeAnalysis;
using Deucalion.Common.Wire;

namespace Deucalion.Replication.Transport;

/// <summary>
/// Places that one call at a time may hold: a newer call takes the place of the one before, once that has left, unless its rank is lower. Thread-safe.
/// </summary>
internal sealed class Places<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Place> _held = [];

    /// <summary>Takes a place, which is left by disposing it.</summary>
    /// <exception cref="WireException">A call of a higher rank holds it.</exception>
    public async Task<Place> TakeAsync(TKey key, long rank, CancellationToken cancellationToken)
    {
        while (true)
        {
            Place? other;
            lock (_held)
            {
                if (!_held.TryGetValue(key, out other))
                {
                    var place = new Place(this, key, rank);
                    _held.Add(key, place);
                    return place;
                }

                if (other.Rank > rank)
                {
                    throw new WireException(WireStatus.Aborted, $"a call of term {other.Rank} is under way");
                }

                other.Displace();
            }

            await other.Left.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A place that is held.</summary>
    [SuppressMessage("Design", "CA2213", Justification = "The source has no timer, and may be cancelled while the place is left.")]
    internal sealed class Place(Places<TKey> places, TKey key, long rank) : IDisposable
    {
        private readonly CancellationTokenSource _displaced = new();
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Cancelled when another call waits for the place.</summary>
        public CancellationToken Displaced => _displaced.Token;

        public long Rank => rank;

        public Task Left => _left.Task;

        public void Displace() => _ = _displaced.CancelAsync();

        public void Dispose()
        {
            lock (places._held)
            {
                places._held.Remove(key);
            }

            _left.TrySetResult();
        }
    }
}
