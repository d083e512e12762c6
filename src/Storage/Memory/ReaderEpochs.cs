namespace Deucalion.Storage.Memory;

/// <summary>
/// Lets lock-free readers and single writers share native memory. A reader registers while it reads; a writer unlinks a block, retires it with
/// the tag of <see cref="Tag"/>, and reuses it once <see cref="SafeEpoch"/> has passed that tag: then every reader registered before the
/// block was unlinked has left. One for all heads of a node. Thread-safe.
/// </summary>
public sealed class ReaderEpochs
{
    // A slot has two cache lines to itself, so that readers do not slow each other.
    private const int SlotCount = 128;
    private const int Stride = 16;

    private readonly long[] _slots = new long[(SlotCount + 1) * Stride];
    private long _epoch = 1;

    /// <summary>Registers the caller until the registration is disposed, by the same thread and without waiting for anything in between.</summary>
    public Registration Enter()
    {
        var start = Environment.CurrentManagedThreadId;
        var spin = default(SpinWait);
        while (true)
        {
            for (var i = 0; i < SlotCount; i++)
            {
                var slot = (1 + ((start + i) % SlotCount)) * Stride;
                if (Volatile.Read(ref _slots[slot]) == 0
                    && Interlocked.CompareExchange(ref _slots[slot], Volatile.Read(ref _epoch), 0) == 0)
                {
                    return new Registration(this, slot);
                }
            }

            spin.SpinOnce();
        }
    }

    /// <summary>The tag for blocks that the calling writer has unlinked before.</summary>
    internal long Tag()
    {
        // The unlinking stores must be visible before the epoch is read: a reader of a later epoch must not find the block.
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref _epoch);
    }

    /// <summary>Blocks with a tag below the result can be reused.</summary>
    internal long SafeEpoch()
    {
        var safe = Interlocked.Increment(ref _epoch);
        for (var i = 1; i <= SlotCount; i++)
        {
            var epoch = Volatile.Read(ref _slots[i * Stride]);
            if (epoch != 0 && epoch < safe)
            {
                safe = epoch;
            }
        }

        return safe;
    }

    /// <summary>Waits until blocks of the tag can be reused: as long as the slowest registered reader copies its batch.</summary>
    internal void WaitFor(long tag)
    {
        var spin = default(SpinWait);
        while (SafeEpoch() <= tag)
        {
            spin.SpinOnce();
        }
    }

    /// <summary>A reader's registration; a ref struct so that it cannot outlive a method or cross an await.</summary>
    public readonly ref struct Registration
    {
        private readonly ReaderEpochs _owner;
        private readonly int _slot;

        internal Registration(ReaderEpochs owner, int slot)
        {
            _owner = owner;
            _slot = slot;
        }

        /// <summary>Leaves.</summary>
        public void Dispose() => Volatile.Write(ref _owner._slots[_slot], 0);
    }
}
