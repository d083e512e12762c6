using System.Text;
using Deucalion.Common.Labels;
using Deucalion.Common.Objects;
using Deucalion.Storage.Index;
using Deucalion.Storage.Tombstones;

namespace Deucalion.Storage.Blocks;

/// <summary>
/// An open block: its index at hand, its chunks mapped or fetched. Thread-safe. <see cref="Dispose"/> may be called while selections are in
/// use, and the files may be deleted: the last selection lets go of them. Damage is <see cref="CorruptBlockException"/>.
/// </summary>
public sealed class BlockReader : IDisposable
{
    private readonly IByteSource _index;
    private readonly IByteSource[] _segments;
    private readonly IndexReader _reader;
    private int _references = 1;
    private int _disposed;

    private BlockReader(BlockMeta meta, IByteSource index, IByteSource[] segments, IndexReader reader, TombstoneSet tombstones)
    {
        Meta = meta;
        _index = index;
        _segments = segments;
        _reader = reader;
        Tombstones = tombstones;
    }

    /// <summary>meta.json.</summary>
    public BlockMeta Meta { get; }

    /// <summary>Deletions that selections apply.</summary>
    public TombstoneSet Tombstones { get; }

    internal IndexReader Index => _reader;

    /// <summary>Opens a block in a local directory, mapped.</summary>
    public static async ValueTask<BlockReader> OpenDirectoryAsync(string directory, CancellationToken cancellationToken)
    {
        var meta = BlockMeta.Parse(await File.ReadAllBytesAsync(Path.Combine(directory, BlockMeta.FileName), cancellationToken));
        var tombstonesPath = Path.Combine(directory, BlockFiles.Tombstones);
        var tombstones = File.Exists(tombstonesPath)
            ? TombstoneSet.Parse(await File.ReadAllBytesAsync(tombstonesPath, cancellationToken))
            : TombstoneSet.Empty;
        var chunks = Path.Combine(directory, BlockFiles.ChunksDirectory);
        var segments = Directory.Exists(chunks) ? Directory.GetFiles(chunks) : [];
        var sources = new List<IByteSource>();
        try
        {
            sources.Add(new MappedByteSource(Path.Combine(directory, BlockFiles.Index)));
            foreach (var path in InOrder(segments))
            {
                sources.Add(new MappedByteSource(path));
            }

            return await OpenAsync(meta, tombstones, sources, null, cancellationToken);
        }
        catch
        {
            sources.ForEach(static s => s.Dispose());
            throw;
        }
    }

    /// <summary>Opens a block in a bucket without index headers.</summary>
    public static ValueTask<BlockReader> OpenAsync(IObjectStore store, string prefix, CancellationToken cancellationToken) =>
        OpenAsync(store, prefix, null, cancellationToken);

    /// <summary>
    /// Opens a block in a bucket under a prefix (<c>tenant/ulid</c>): mapped where the bucket is a local directory, else read by ranges, its index
    /// through a local header where such are kept. A block that is not there is <see cref="ObjectNotFoundException"/>.
    /// </summary>
    public static async ValueTask<BlockReader> OpenAsync(IObjectStore store, string prefix, IndexHeaders? headers, CancellationToken cancellationToken)
    {
        var metaKey = $"{prefix}/{BlockMeta.FileName}";
        var stored = await store.GetAsync(metaKey, cancellationToken) ?? throw new ObjectNotFoundException(metaKey);
        var meta = BlockMeta.Parse(stored.Content.Span);
        var lengths = new Dictionary<string, long>();
        await foreach (var entry in store.ListAsync(prefix + "/", cancellationToken))
        {
            lengths[entry.Key] = entry.Length;
        }

        var tombstones = TombstoneSet.Empty;
        var tombstonesKey = $"{prefix}/{BlockFiles.Tombstones}";
        if (lengths.ContainsKey(tombstonesKey) && await store.GetAsync(tombstonesKey, cancellationToken) is { } file)
        {
            tombstones = TombstoneSet.Parse(file.Content.Span);
        }

        var sources = new List<IByteSource>();
        try
        {
            var indexKey = $"{prefix}/{BlockFiles.Index}";
            var chunkPrefix = $"{prefix}/{BlockFiles.ChunksDirectory}/";
            var segments = lengths.Keys.Where(k => k.StartsWith(chunkPrefix, StringComparison.Ordinal));
            foreach (var key in InOrder(segments).Prepend(indexKey))
            {
                sources.Add(Source(store, key, lengths.TryGetValue(key, out var length) ? length : throw new ObjectNotFoundException(key)));
            }

            Func<IByteSource, ValueTask<(IByteSource, IndexReader)>>? openIndex = headers is null || sources[0].IsMapped
                ? null
                : index => headers.OpenAsync(prefix, index, cancellationToken);
            return await OpenAsync(meta, tombstones, sources, openIndex, cancellationToken);
        }
        catch
        {
            sources.ForEach(static s => s.Dispose());
            throw;
        }
    }

    /// <summary>
    /// Series that match all matchers, with their chunks that overlap [minTime, maxTime]; those without any are left out.
    /// </summary>
    public async ValueTask<BlockSelection> SelectAsync(
        IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        var selection = new BlockSelection(this);
        try
        {
            using var ids = await _reader.SelectAsync(matchers, cancellationToken);
            await SeriesScan.RunAsync(_index, _reader, ids, Visit, cancellationToken);
            selection.Complete();
            return selection;
        }
        catch
        {
            selection.Dispose();
            throw;
        }

        void Visit(uint id, ByteReader body)
        {
            var labels = body;
            SkipLabels(ref body);
            selection.Add(id, ref labels, ref body, minTime, maxTime);
        }
    }

    /// <summary>Label sets that match all matchers and have a chunk that overlaps [minTime, maxTime], in order.</summary>
    public async ValueTask<IReadOnlyList<Labels>> SeriesAsync(
        IReadOnlyList<LabelMatcher> matchers, long minTime, long maxTime, CancellationToken cancellationToken)
    {
        using var selection = await SelectAsync(matchers, minTime, maxTime, cancellationToken);
        return selection.AllLabels();
    }

    /// <summary>Names of labels, sorted: of all series, or of those that match.</summary>
    public async ValueTask<IReadOnlyList<string>> LabelNamesAsync(
        IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        using var hold = Hold();
        if (matchers.Count == 0)
        {
            return _reader.Postings.Names;
        }

        var names = new HashSet<uint>();
        await ForEachLabelAsync(matchers, (name, _) => names.Add(name), cancellationToken);
        return Sorted(names);
    }

    /// <summary>Values of a label, sorted: of all series, or of those that match.</summary>
    public async ValueTask<IReadOnlyList<string>> LabelValuesAsync(
        string name, IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        using var hold = Hold();
        if (name.Length == 0)
        {
            return [];
        }

        if (matchers.Count == 0)
        {
            return AllValues(name);
        }

        var found = new HashSet<uint>();
        await ForEachLabelAsync(
            matchers,
            (labelName, value) =>
            {
                if (_reader.Symbols.Get(labelName) == name)
                {
                    found.Add(value);
                }
            },
            cancellationToken);
        return Sorted(found);
    }

    /// <summary>Lets go of the files once the last selection is disposed.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Release();
        }
    }

    internal IByteSource Segment(in ChunkMeta chunk) => chunk.Segment < _segments.Length
        ? _segments[chunk.Segment]
        : throw new CorruptBlockException("index: a chunk lies in a file that does not exist");

    /// <summary>A chunk of a mapped block, in place.</summary>
    internal ReadOnlySpan<byte> MappedChunk(ChunkMeta chunk, out byte encoding)
    {
        var segment = Segment(chunk);
        var prefix = (int)Math.Clamp(segment.Length - chunk.Offset, 0, ChunkSegment.MaxPrefixSize);
        var size = ChunkSegment.EntrySize(segment.Span(chunk.Offset, prefix));
        return ChunkSegment.Chunk(segment.Span(chunk.Offset, size), out encoding);
    }

    internal int SegmentCount => _segments.Length;

    /// <summary>Whether chunks can be read in place.</summary>
    internal bool IsMapped => _segments.All(static x => x.IsMapped);

    internal IByteSource IndexSource => _index;

    internal void Acquire()
    {
        while (true)
        {
            // Not only at zero: readers that follow each other closely would keep a disposed block open for ever.
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
            var current = Volatile.Read(ref _references);
            ObjectDisposedException.ThrowIf(current == 0, this);
            if (Interlocked.CompareExchange(ref _references, current + 1, current) == current)
            {
                return;
            }
        }
    }

    internal void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _index.Dispose();
            foreach (var segment in _segments)
            {
                segment.Dispose();
            }
        }
    }

    private static IByteSource Source(IObjectStore store, string key, long length)
    {
        if (store.LocalPath(key) is not { } path)
        {
            return new ObjectByteSource(store, key, length);
        }

        try
        {
            return new MappedByteSource(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ObjectNotFoundException(key);
        }
    }

    private static IEnumerable<string> InOrder(IEnumerable<string> paths) =>
        paths.Where(static p => ChunkSegment.SegmentOf(Path.GetFileName(p)) >= 0).Order(StringComparer.Ordinal);

    private static async ValueTask<BlockReader> OpenAsync(
        BlockMeta meta,
        TombstoneSet tombstones,
        List<IByteSource> sources,
        Func<IByteSource, ValueTask<(IByteSource Source, IndexReader Reader)>>? openIndex,
        CancellationToken cancellationToken)
    {
        IndexReader reader;
        if (openIndex is null)
        {
            reader = await IndexReader.OpenAsync(sources[0], cancellationToken);
        }
        else
        {
            (sources[0], reader) = await openIndex(sources[0]);
        }

        foreach (var segment in sources.Skip(1))
        {
            using var header = await ByteWindow.FetchAsync(
                segment, 0, (int)Math.Min(segment.Length, ChunkSegment.HeaderSize), cancellationToken);
            ChunkSegment.VerifyHeader(header.Span);
        }

        return new BlockReader(meta, sources[0], [.. sources.Skip(1)], reader, tombstones);
    }

    private static void SkipLabels(ref ByteReader body)
    {
        for (var left = 2 * body.Count(2); left > 0; left--)
        {
            body.Uvarint32();
        }
    }

    private List<string> AllValues(string name)
    {
        var result = new List<string>(_reader.Postings.ValueCount(name));
        var values = _reader.Postings.Values(name);
        while (values.MoveNext())
        {
            result.Add(Encoding.UTF8.GetString(values.Value));
        }

        return result;
    }

    private async ValueTask ForEachLabelAsync(
        IReadOnlyList<LabelMatcher> matchers, Action<uint, uint> visit, CancellationToken cancellationToken)
    {
        using var ids = await _reader.SelectAsync(matchers, cancellationToken);
        await SeriesScan.RunAsync(_index, _reader, ids, Visit, cancellationToken);

        void Visit(uint id, ByteReader body)
        {
            for (var left = body.Count(2); left > 0; left--)
            {
                var name = body.Uvarint32();
                visit(name, body.Uvarint32());
            }
        }
    }

    private List<string> Sorted(HashSet<uint> symbols)
    {
        // Numbers, as well as offsets of version 1, are in the order of the strings.
        var result = new List<string>(symbols.Count);
        foreach (var symbol in symbols.Order())
        {
            result.Add(_reader.Symbols.Get(symbol));
        }

        return result;
    }

    private Holder Hold()
    {
        Acquire();
        return new Holder(this);
    }

    private readonly struct Holder(BlockReader block) : IDisposable
    {
        public void Dispose() => block.Release();
    }
}
