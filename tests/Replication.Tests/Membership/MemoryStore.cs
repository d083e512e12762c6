using System.Runtime.CompilerServices;
using Deucalion.Replication.Coordination;

namespace Deucalion.Replication.Tests.Membership;

/// <summary>A coordination store in memory, with a handle for each process: it can be cut off, counted, and lose its leases. Thread-safe.</summary>
internal sealed class MemoryStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, CoordinationEntry> _documents = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (MemoryLease? Lease, string Owner, long Token)> _leases = new(StringComparer.Ordinal);
    private long _revision;

    public bool IsDown { get; set; }

    /// <summary>Told of every document that is written: key, what was there, what is there. Under the store's lock.</summary>
    public Action<string, CoordinationEntry?, CoordinationEntry>? Written { get; set; }

    public Handle Open() => new(this);

    /// <summary>Looks into the store from outside.</summary>
    public CoordinationEntry? Peek(string key)
    {
        lock (_lock)
        {
            return _documents.GetValueOrDefault(key);
        }
    }

    public string? Put(string key, ReadOnlyMemory<byte> value, string? ifRevision)
    {
        lock (_lock)
        {
            if (_documents.GetValueOrDefault(key)?.Revision != ifRevision)
            {
                return null;
            }

            var entry = new CoordinationEntry(key, value.ToArray(), $"r{++_revision}");
            Written?.Invoke(key, _documents.GetValueOrDefault(key), entry);
            _documents[key] = entry;
            return entry.Revision;
        }
    }

    public string? HolderOf(string lease)
    {
        lock (_lock)
        {
            return _leases.TryGetValue(lease, out var held) && held.Lease is not null ? held.Owner : null;
        }
    }

    internal sealed class Handle(MemoryStore store) : ICoordinationStore
    {
        private readonly List<MemoryLease> _held = [];
        private int _requests;

        /// <summary>Requests so far; keeping leases is not counted.</summary>
        public int Requests => Volatile.Read(ref _requests);

        /// <summary>Whether this process alone cannot reach the store.</summary>
        public bool IsCut { get; set; }

        /// <summary>Whether a new process gets at once what one of the same owner holds, as stores may do.</summary>
        public bool TakesOver { get; set; }

        /// <summary>Whether readings of leases fail in a way that nobody expects.</summary>
        public bool Breaks { get; set; }

        /// <summary>Fails this many readings of leases in a way that nobody expects.</summary>
        public int BrokenReadings { get; set; }

        /// <summary>Fails this many conditional writes before they take effect.</summary>
        public int FailedWrites { get; set; }

        /// <summary>Fails this many conditional writes after they took effect.</summary>
        public int UnsureWrites { get; set; }

        public ValueTask<CoordinationEntry?> GetAsync(string key, CancellationToken cancellationToken)
        {
            Count(cancellationToken);
            return ValueTask.FromResult(store.Peek(key));
        }

        public ValueTask<string?> PutIfAsync(string key, ReadOnlyMemory<byte> value, string? ifRevision, CancellationToken cancellationToken)
        {
            Count(cancellationToken);
            if (FailedWrites-- > 0)
            {
                throw new CoordinationException("the store is busy", null);
            }

            var revision = store.Put(key, value, ifRevision);
            return revision is not null && UnsureWrites-- > 0 ? throw new CoordinationException("the answer is lost", null) : ValueTask.FromResult(revision);
        }

        public ValueTask<bool> DeleteIfAsync(string key, string ifRevision, CancellationToken cancellationToken)
        {
            Count(cancellationToken);
            lock (store._lock)
            {
                return ValueTask.FromResult(store._documents.GetValueOrDefault(key)?.Revision == ifRevision && store._documents.Remove(key));
            }
        }

        public ValueTask<IReadOnlyList<CoordinationEntry>> ListAsync(string prefix, CancellationToken cancellationToken)
        {
            Count(cancellationToken);
            lock (store._lock)
            {
                return ValueTask.FromResult<IReadOnlyList<CoordinationEntry>>([.. store._documents.Values.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))]);
            }
        }

        public async IAsyncEnumerable<CoordinationChange> WatchAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }

        public ValueTask<ICoordinationLease?> TryAcquireLeaseAsync(string name, string owner, TimeSpan timeToLive, CancellationToken cancellationToken)
        {
            Count(cancellationToken);
            lock (store._lock)
            {
                var token = store._leases.TryGetValue(name, out var known) ? known.Token + 1 : 1;
                if (known.Lease is not null && TakesOver && known.Owner == owner)
                {
                    known.Lease.End();
                }
                else if (known.Lease is not null)
                {
                    return ValueTask.FromResult<ICoordinationLease?>(null);
                }

                var lease = new MemoryLease(store, name, token);
                store._leases[name] = (lease, owner, token);
                _held.Add(lease);
                return ValueTask.FromResult<ICoordinationLease?>(lease);
            }
        }

        public ValueTask<IReadOnlyList<LeaseSight>> LeasesAsync(string prefix, CancellationToken cancellationToken)
        {
            Count(cancellationToken);
            if (Breaks || BrokenReadings-- > 0)
            {
                throw new InvalidOperationException("a bug");
            }

            lock (store._lock)
            {
                return ValueTask.FromResult<IReadOnlyList<LeaseSight>>(
                    [.. store._leases.Where(lease => lease.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(static lease => new LeaseSight(lease.Key, lease.Value.Owner, lease.Value.Token, lease.Value.Lease is not null))]);
            }
        }

        /// <summary>The time to live of this process's leases has run out. Whoever still runs is told.</summary>
        public void EndLeases()
        {
            foreach (var lease in _held.ToList())
            {
                lease.End();
            }
        }

        private void Count(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Interlocked.Increment(ref _requests);
            if (IsCut || store.IsDown)
            {
                throw new CoordinationException("the store cannot be reached", null);
            }
        }
    }

    internal sealed class MemoryLease(MemoryStore store, string name, long token) : ICoordinationLease
    {
        private readonly CancellationTokenSource _lost = new();

        public string Name => name;

        public long FencingToken => token;

        public CancellationToken Lost => _lost.Token;

        public void End()
        {
            lock (store._lock)
            {
                if (store._leases.TryGetValue(name, out var known) && known.Lease == this)
                {
                    store._leases[name] = known with { Lease = null };
                }
            }

            _lost.Cancel();
        }

        public ValueTask DisposeAsync()
        {
            End();
            return ValueTask.CompletedTask;
        }
    }
}
