using Deucalion.Replication.Coordination;

namespace Replication.Tests.Coordination;

/// <summary>A process with the local store: when it dies, the kernel releases its locks.</summary>
internal sealed class LocalStoreProcess : StoreProcess
{
    private readonly ProcessLocks _locks;

    public LocalStoreProcess(IStoreLock locks, Func<IStoreLock, LocalFileStore> open)
    {
        _locks = new ProcessLocks(locks);
        Store = open(_locks);
    }

    public override ICoordinationStore Store { get; }

    public override Task KillAsync()
    {
        _locks.ReleaseAll();
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync() => await KillAsync();

    private sealed class ProcessLocks(IStoreLock inner) : IStoreLock
    {
        private readonly HashSet<Held> _held = [];

        public IDisposable Acquire(string name) => Add(inner.Acquire(name));

        public IDisposable? TryAcquire(string name) => inner.TryAcquire(name) is { } held ? Add(held) : null;

        public void RequirePresent() => inner.RequirePresent();

        public void ReleaseAll()
        {
            List<Held> all;
            lock (_held)
            {
                all = [.. _held];
            }

            all.ForEach(static held => held.Dispose());
        }

        private Held Add(IDisposable taken)
        {
            var held = new Held(this, taken);
            lock (_held)
            {
                _held.Add(held);
            }

            return held;
        }

        private sealed class Held(ProcessLocks owner, IDisposable inner) : IDisposable
        {
            public void Dispose()
            {
                lock (owner._held)
                {
                    owner._held.Remove(this);
                }

                inner.Dispose();
            }
        }
    }
}
