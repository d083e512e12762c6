using System.Runtime.InteropServices;
using Deucalion.Common.Samples;
using Deucalion.Storage.Blocks;
using Deucalion.Storage.Chunks;
using Deucalion.Storage.Index;
using Deucalion.Storage.Tombstones;

namespace Deucalion.Storage.Merge;

/// <summary>
/// Several mapped blocks as the source of one: series in the order of their labels, samples of a series that is in more than one put together, duplicates
/// resolved by <see cref="SampleConflict"/>, deletions applied. A chunk that neither overlaps another nor has deletions is copied as it is, one that others
/// repeat byte for byte once; the rest is decoded and encoded anew. Memory is the symbols, some bytes a series of each block, and one series. For one thread;
/// the blocks stay the caller's and open. Damage is <see cref="CorruptBlockException"/> or <see cref="CorruptChunkException"/>.
/// </summary>
public sealed class BlockMergeSource : IBlockSource, IDisposable
{
    private static readonly Comparison<Piece> ByTime = static (a, b) =>
        a.Meta.MinTime != b.Meta.MinTime ? a.Meta.MinTime.CompareTo(b.Meta.MinTime)
        : a.Meta.MaxTime != b.Meta.MaxTime ? a.Meta.MaxTime.CompareTo(b.Meta.MaxTime)
        : a.Source.CompareTo(b.Source);

    private readonly SymbolUnion _symbols;
    private readonly List<SeriesCursor> _cursors = [];
    private readonly List<Piece> _pieces = [];
    private readonly Pieces _source;
    private readonly ChunkMerger _merger = new();
    private readonly SampleBuffer _samples = new();
    private readonly SeriesEncoder _encoder = new();
    private uint[] _labels = [];
    private int _labelCount;
    private int _piece;
    private int _encoded;
    private int _encodedCount;

    private BlockMergeSource(SymbolUnion symbols)
    {
        _symbols = symbols;
        _source = new Pieces(this);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<byte>> Symbols => _symbols.Symbols;

    /// <inheritdoc/>
    public ReadOnlySpan<uint> Labels => _labels.AsSpan(0, _labelCount);

    /// <summary>Chunks copied as they were, so far.</summary>
    public long CopiedChunks { get; private set; }

    /// <summary>Reads the symbols of all blocks, whose files are mapped.</summary>
    public static async ValueTask<BlockMergeSource> OpenAsync(IReadOnlyList<BlockReader> blocks, CancellationToken cancellationToken)
    {
        foreach (var block in blocks)
        {
            if (!block.IndexSource.IsMapped)
            {
                throw new ArgumentException("only mapped blocks are merged", nameof(blocks));
            }
        }

        var merge = new BlockMergeSource(new SymbolUnion([.. blocks.Select(static x => x.Index)]));
        try
        {
            for (var i = 0; i < blocks.Count; i++)
            {
                var cursor = await SeriesCursor.OpenAsync(blocks[i], merge._symbols, i, cancellationToken);
                merge._cursors.Add(cursor);
                cursor.MoveNext();
            }

            return merge;
        }
        catch
        {
            merge.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool NextSeries()
    {
        _pieces.Clear();
        (_piece, _encoded, _encodedCount) = (0, 0, 0);
        if (Least() is not { } least)
        {
            return false;
        }

        TakeLabels(least.Labels);
        for (var i = 0; i < _cursors.Count; i++)
        {
            var cursor = _cursors[i];
            if (!cursor.IsAtEnd && cursor.Labels.SequenceEqual(Labels))
            {
                foreach (var chunk in cursor.Chunks)
                {
                    _pieces.Add(new Piece(i, chunk, cursor.Deleted));
                }

                cursor.MoveNext();
            }
        }

        _pieces.Sort(ByTime);
        return true;
    }

    /// <inheritdoc/>
    public bool NextChunk(out BlockChunk chunk)
    {
        while (_encoded >= _encodedCount)
        {
            if (_piece >= _pieces.Count)
            {
                chunk = default;
                return false;
            }

            var begin = _piece;
            _piece = EndOfOverlap(begin);
            if (IsOneChunk(begin, _piece))
            {
                var data = _source.Chunk(begin, out var encoding);
                chunk = new BlockChunk(encoding, _pieces[begin].Meta.MinTime, _pieces[begin].Meta.MaxTime, data);
                CopiedChunks++;
                return true;
            }

            Merge(begin, _piece);
        }

        chunk = _encoder.ChunkAt(_encoded++);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _cursors.ForEach(static x => x.Dispose());

    private SeriesCursor? Least()
    {
        SeriesCursor? least = null;
        foreach (var cursor in _cursors)
        {
            if (!cursor.IsAtEnd && (least is null || cursor.Labels.SequenceCompareTo(least.Labels) < 0))
            {
                least = cursor;
            }
        }

        return least;
    }

    // The cursor moves on while the labels are still in use.
    private void TakeLabels(ReadOnlySpan<uint> labels)
    {
        if (labels.Length > _labels.Length)
        {
            _labels = new uint[labels.Length];
        }

        labels.CopyTo(_labels);
        _labelCount = labels.Length;
    }

    private int EndOfOverlap(int begin)
    {
        var end = begin + 1;
        for (var last = _pieces[begin].Meta.MaxTime; end < _pieces.Count && _pieces[end].Meta.MinTime <= last; end++)
        {
            last = Math.Max(last, _pieces[end].Meta.MaxTime);
        }

        return end;
    }

    private bool IsOneChunk(int begin, int end)
    {
        var first = _pieces[begin];
        if (IsTouched(first))
        {
            return false;
        }

        if (end == begin + 1)
        {
            return true;
        }

        var bytes = _source.Chunk(begin, out var encoding);
        for (var i = begin + 1; i < end; i++)
        {
            var isSame = _pieces[i].Meta.MinTime == first.Meta.MinTime
                && _pieces[i].Meta.MaxTime == first.Meta.MaxTime
                && !IsTouched(_pieces[i])
                && _source.Chunk(i, out var other).SequenceEqual(bytes)
                && other == encoding;
            if (!isSame)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsTouched(in Piece piece)
    {
        foreach (var interval in piece.Deleted.Span)
        {
            if (interval.Min <= piece.Meta.MaxTime && interval.Max >= piece.Meta.MinTime)
            {
                return true;
            }
        }

        return false;
    }

    private void Merge(int begin, int end)
    {
        _merger.Begin();
        for (var i = begin; i < end; i++)
        {
            _merger.Add(_source, i, _pieces[i].Meta.MinTime, _pieces[i].Meta.MaxTime, _pieces[i].Deleted);
        }

        _merger.Read(long.MinValue, long.MaxValue, _samples);
        _encoder.Encode(_samples);
        (_encoded, _encodedCount) = (0, _encoder.Count);
    }

    /// <summary>A chunk of the current series, of one of the blocks.</summary>
    private readonly record struct Piece(int Source, ChunkMeta Meta, ReadOnlyMemory<TimeInterval> Deleted);

    /// <summary>The chunks of the current series by their place in the order of time.</summary>
    private sealed class Pieces(BlockMergeSource merge) : IChunkSource
    {
        public ReadOnlySpan<byte> Chunk(long handle, out byte encoding)
        {
            ref readonly var piece = ref CollectionsMarshal.AsSpan(merge._pieces)[(int)handle];
            return merge._cursors[piece.Source].Block.MappedChunk(piece.Meta, out encoding);
        }
    }
}
