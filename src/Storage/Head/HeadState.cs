using Deucalion.Common.Labels;
using Deucalion.Storage.Head.Chunks;
using Deucalion.Storage.Head.Index;
using Deucalion.Storage.Memory;

namespace Deucalion.Storage.Head;

/// <summary>What a head holds: tables indexed by ref, chunks, index, generations. Changed by applying records only.</summary>
internal sealed class HeadState : IDisposable
{
    private volatile bool _disposed;

    public HeadState(HeadResources resources, int partition)
    {
        Resources = resources;
        Rows = new PagedTable<SeriesRow>(resources.Pages);
        Identities = new PagedTable<SeriesIdentity>(resources.Pages);
        Chunks = new ChunkStore(resources);
        Index = new LabelIndex(resources);
        Lookup = new SeriesLookup { HashOf = seriesRef => Identities[seriesRef].Hash };
        Refs = new RefAllocator(resources.Epochs);
        Generations = new HeadGenerations(partition);
    }

    public HeadResources Resources { get; }

    public PagedTable<SeriesRow> Rows { get; }

    public PagedTable<SeriesIdentity> Identities { get; }

    public ChunkStore Chunks { get; }

    public LabelIndex Index { get; }

    public SeriesLookup Lookup { get; }

    public RefAllocator Refs { get; }

    public HeadGenerations Generations { get; }

    public HeadExemplars Exemplars { get; } = new();

    /// <summary>Live series.</summary>
    public int SeriesCount { get; set; }

    /// <summary>Newest sample applied, or long.MinValue.</summary>
    public long MaxTime { get; set; } = long.MinValue;

    /// <summary>Oldest sample held, or long.MaxValue.</summary>
    public long MinTime { get; set; } = long.MaxValue;

    /// <summary>For tests: runs in a reader between finding a series' chunks and copying them.</summary>
    public Action? ReaderPause { get; set; }

    /// <summary>Bytes of memory held, shared symbols aside.</summary>
    public long ReservedBytes => Rows.ReservedBytes + Identities.ReservedBytes + Chunks.ReservedBytes + Index.ReservedBytes + Lookup.Bytes;

    /// <summary>Makes room for a ref; rows of new refs are as those of free ones.</summary>
    public void EnsureRef(int seriesRef)
    {
        var before = Rows.Capacity;
        if (seriesRef < before)
        {
            return;
        }

        Rows.EnsureCapacity(seriesRef + 1);
        Identities.EnsureCapacity(seriesRef + 1);
        for (var i = before; i < Rows.Capacity; i++)
        {
            Rows[i] = EmptyRow;
        }
    }

    /// <summary>The row of a ref without a series.</summary>
    public static SeriesRow EmptyRow => new() { LastTime = long.MinValue, StagedTime = long.MinValue };

    /// <summary>Registers a reader of this head.</summary>
    /// <exception cref="ObjectDisposedException">The head is gone.</exception>
    public ReaderEpochs.Registration Enter()
    {
        // Registered first: once the head sees no reader, none can pass this check any more.
        var registration = Resources.Epochs.Enter();
        if (_disposed)
        {
            registration.Dispose();
            throw new ObjectDisposedException(nameof(TenantHead));
        }

        return registration;
    }

    /// <summary>The labels of a series. For the writer, and for readers registered with the epochs.</summary>
    public Labels LabelsOf(int seriesRef)
    {
        var pairs = Index.PairsOf(Identities[seriesRef]);
        var text = new string[pairs.Length * 2];
        for (var i = 0; i < pairs.Length; i++)
        {
            text[2 * i] = Index.NameText(pairs[i]);
            text[(2 * i) + 1] = Index.ValueText(pairs[i]);
        }

        return Labels.FromSortedPairs(text);
    }

    /// <summary>Waits for readers and frees the memory.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Resources.Epochs.WaitFor(Resources.Epochs.Tag());
        Rows.Dispose();
        Identities.Dispose();
        Chunks.Dispose();
        Index.Dispose();
    }
}
