using Deucalion.Storage.Blocks;
using Deucalion.Storage.Index;
using Deucalion.Storage.Tombstones;

namespace Deucalion.Storage.Merge;

/// <summary>
/// Walks over the series of one mapped block in their order, labels as numbers of a union of symbols. Memory is four bytes a series, and the series it
/// stands on. For one thread.
/// </summary>
internal sealed class SeriesCursor : IDisposable
{
    private const int ExpectedEntry = 4 << 10;

    private readonly BlockReader _block;
    private readonly SymbolUnion _symbols;
    private readonly int _number;
    private readonly SeriesIdSet _ids;
    private uint[] _labels = new uint[32];
    private uint[] _previous = new uint[32];
    private int _count;
    private int _previousCount;
    private int _next;

    private SeriesCursor(BlockReader block, SymbolUnion symbols, int number, SeriesIdSet ids)
    {
        _block = block;
        _symbols = symbols;
        _number = number;
        _ids = ids;
    }

    /// <summary>The block.</summary>
    public BlockReader Block => _block;

    /// <summary>Labels of the series it stands on.</summary>
    public ReadOnlySpan<uint> Labels => _labels.AsSpan(0, _count);

    /// <summary>Chunks of the series it stands on, in order of time.</summary>
    public List<ChunkMeta> Chunks { get; } = [];

    /// <summary>Deleted ranges of the series it stands on.</summary>
    public ReadOnlyMemory<TimeInterval> Deleted { get; private set; }

    /// <summary>Whether it has passed the last series.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>A cursor before the first series; the block, <paramref name="number"/> among those of the symbols, stays the caller's.</summary>
    public static async ValueTask<SeriesCursor> OpenAsync(BlockReader block, SymbolUnion symbols, int number, CancellationToken cancellationToken) =>
        new(block, symbols, number, await block.Index.AllSeriesAsync(cancellationToken));

    /// <summary>Moves to the next series, or to the end.</summary>
    /// <exception cref="CorruptBlockException">The entry is damaged, or not greater than the one before.</exception>
    public void MoveNext()
    {
        if (_next >= _ids.Count)
        {
            IsAtEnd = true;
            return;
        }

        var isFirst = _next == 0;
        var id = _ids.Ids[_next++];
        var body = new ByteReader(Body((long)id * _block.Index.SeriesUnit));
        (_labels, _previous, _previousCount) = (_previous, _labels, _count);
        ReadLabels(ref body);
        if (!isFirst && Labels.SequenceCompareTo(_previous.AsSpan(0, _previousCount)) <= 0)
        {
            throw new CorruptBlockException("index: series are not in order");
        }

        Chunks.Clear();
        SeriesEntry.Chunks(ref body, long.MinValue, long.MaxValue, Chunks);
        Deleted = _block.Tombstones.Of(id);
    }

    /// <summary>Gives its memory back.</summary>
    public void Dispose() => _ids.Dispose();

    private ReadOnlySpan<byte> Body(long offset)
    {
        var left = _block.Index.SeriesEnd - offset;
        if (SeriesEntry.TryBody(_block.IndexSource.Span(offset, (int)Math.Min(ExpectedEntry, left)), out var body, out var needed)
            || SeriesEntry.TryBody(_block.IndexSource.Span(offset, (int)Math.Min(needed, left)), out body, out _))
        {
            return body;
        }

        throw new CorruptBlockException("index: a series entry runs over the series section");
    }

    private void ReadLabels(ref ByteReader body)
    {
        _count = 2 * body.Count(2);
        if (_count > _labels.Length)
        {
            _labels = new uint[_count];
        }

        for (var i = 0; i < _count; i++)
        {
            _labels[i] = _symbols.NumberOf(_number, body.Uvarint32());
        }
    }
}
