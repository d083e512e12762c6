namespace Deucalion.Storage.Memory;

/// <summary>
/// Where the tables and arenas of all heads of a node get their pages, each of one of a few sizes. Pages are cut from larger mappings, one kind of
/// mapping per size, so that a page that was given back serves any head, and its memory goes back to the system at once; the
/// allocator of the C library would leave gaps that no page of the same size fits into. Counts what is handed out. Thread-safe.
/// </summary>
internal sealed unsafe class NativePages(NativeMemoryBudget budget, bool poison) : IDisposable
{
    private const int MappingBytes = 1 << 20;
    private const int LargestCut = MappingBytes / 8;
    private const int Alignment = 64;
    private const byte Poison = 0xDB;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Size> _sizes = [];
    private readonly List<nint> _mappings = [];
    private int _cut;

    /// <summary>A page of that many bytes, aligned to a cache line; its content is undefined.</summary>
    /// <exception cref="OutOfMemoryException">The system has no more.</exception>
    public byte* Rent(long bytes)
    {
        var page = bytes > LargestCut ? LinuxMemory.Map(bytes) : Cut((int)bytes);
        budget.Add(bytes);
        return page;
    }

    /// <summary>Takes back a page rented with the same size; nobody may still see it.</summary>
    public void Return(byte* page, long bytes)
    {
        budget.Add(-bytes);
        if (bytes > LargestCut)
        {
            LinuxMemory.Unmap(page, bytes);
            return;
        }

        if (poison)
        {
            new Span<byte>(page, (int)bytes).Fill(Poison);
        }
        else
        {
            LinuxMemory.Discard(page, bytes);
        }

        lock (_lock)
        {
            _sizes[(int)bytes].Free.Push((nint)page);
            _cut--;
        }
    }

    /// <summary>Unmaps the pages; where some were not returned all stay, since whoever has them may still read.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_cut > 0)
            {
                return;
            }

            foreach (var mapping in _mappings)
            {
                LinuxMemory.Unmap((byte*)mapping, MappingBytes);
            }

            _mappings.Clear();
            _sizes.Clear();
        }
    }

    private byte* Cut(int bytes)
    {
        lock (_lock)
        {
            if (!_sizes.TryGetValue(bytes, out var size))
            {
                _sizes.Add(bytes, size = new Size());
            }

            _cut++;
            if (size.Free.TryPop(out var page))
            {
                return (byte*)page;
            }

            var stride = (bytes + Alignment - 1) & -Alignment;
            if (size.Left < stride)
            {
                size.Next = LinuxMemory.Map(MappingBytes);
                size.Left = MappingBytes;
                _mappings.Add((nint)size.Next);
            }

            var cut = size.Next;
            size.Next += stride;
            size.Left -= stride;
            return cut;
        }
    }

    private sealed class Size
    {
        public Stack<nint> Free { get; } = new();

        /// <summary>The rest of the newest mapping, never handed out.</summary>
        public byte* Next { get; set; }

        public int Left { get; set; }
    }
}
