using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Deucalion.Common.Hashing;
using Deucalion.Common.IO;
using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>
/// Writes an index of version 2 from series that come in order, byte for byte as Prometheus does. Memory grows by some bytes per distinct
/// label pair and per series, not with labels or chunks.
/// </summary>
internal sealed class IndexWriter : IDisposable
{
    // Postings lists are laid out in groups of this many numbers at most, each by one pass over the log.
    private const int DefaultGroupSize = 8 << 20;
    private const int DefaultLogPages = 64;

    private readonly int _groupSize;
    private readonly DiskWriter _file;
    private readonly PostingsLog _log;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _symbols;
    private readonly Dictionary<ulong, int> _pairNumbers = [];
    private readonly List<(ulong Pair, int Count)> _pairs = [];
    private readonly List<uint> _series = [];
    private readonly ByteBuffer _entry = new();
    private readonly ByteBuffer _frame = new();
    private uint[] _previous = [];
    private uint[] _numbers = new uint[64];
    private readonly long _symbolsAt;
    private readonly long _seriesAt;

    /// <summary>Creates the file and writes the symbols, which are strictly increasing.</summary>
    public IndexWriter(IDisk disk, string path, IReadOnlyList<ReadOnlyMemory<byte>> symbols)
        : this(disk, path, symbols, DefaultLogPages, DefaultGroupSize)
    {
    }

    internal IndexWriter(IDisk disk, string path, IReadOnlyList<ReadOnlyMemory<byte>> symbols, int maxLogPages, int groupSize)
    {
        _groupSize = groupSize;
        _symbols = symbols;
        _file = new DiskWriter(disk.Create(path));
        _log = new PostingsLog(disk, path + ".postings.tmp", maxLogPages);
        try
        {
            _frame.UInt32(IndexFormat.Magic);
            _frame.Byte(IndexFormat.WrittenVersion);
            _file.Write(_frame.Span);
            _symbolsAt = _file.Position;
            WriteSymbols();
            _seriesAt = _file.Position;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Number of series written.</summary>
    public int SeriesCount => _series.Count;

    /// <summary>Adds a series, greater than the one before, with at least one chunk.</summary>
    public void Add(ReadOnlySpan<uint> labels, ReadOnlySpan<ChunkMeta> chunks)
    {
        RequireOrder(labels);
        _file.Pad(IndexFormat.SeriesAlignment);
        var id = _file.Position / IndexFormat.SeriesAlignment;
        if (id > uint.MaxValue)
        {
            throw new InvalidOperationException("index: more series than the format can hold");
        }

        _entry.Clear();
        _entry.Uvarint((uint)labels.Length / 2);
        foreach (var symbol in labels)
        {
            _entry.Uvarint(symbol);
        }

        _entry.Uvarint((uint)chunks.Length);
        for (var i = 0; i < chunks.Length; i++)
        {
            AddChunk(chunks, i);
        }

        _frame.Clear();
        _frame.Uvarint((uint)_entry.Length);
        _file.Write(_frame.Span);
        WriteWithCrc(_entry.Span);
        _series.Add((uint)id);
        Register(labels);
    }

    /// <summary>Writes postings, tables and contents, and makes the file durable.</summary>
    public void Complete()
    {
        var seriesEnd = _file.Position;
        var order = new int[_pairs.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => _pairs[a].Pair.CompareTo(_pairs[b].Pair));
        var offsets = new long[order.Length];
        _file.Pad(4);
        var allAt = _file.Position;
        WriteList(CollectionsMarshal.AsSpan(_series));
        for (var first = 0; first < order.Length;)
        {
            first = WriteGroup(order, first, offsets);
        }

        _file.Pad(4);
        var tableAt = _file.Position;
        WriteTable(order, offsets, allAt);
        Span<byte> toc = stackalloc byte[IndexFormat.TocSize];
        new IndexToc(_symbolsAt, _seriesAt, seriesEnd, tableAt, seriesEnd, tableAt).Write(toc);
        _file.Write(toc);
        _file.Complete();
    }

    public void Dispose()
    {
        _file.Dispose();
        _log.Dispose();
    }

    private void WriteSymbols()
    {
        var length = 4L;
        for (var i = 0; i < _symbols.Count; i++)
        {
            var symbol = _symbols[i].Span;
            if (i > 0 && _symbols[i - 1].Span.SequenceCompareTo(symbol) >= 0)
            {
                throw new InvalidOperationException("index: symbols are not strictly increasing");
            }

            length += ByteBuffer.UvarintSize((uint)symbol.Length) + symbol.Length;
        }

        var body = BeginSection(length, (uint)_symbols.Count);
        foreach (var symbol in _symbols)
        {
            _entry.Clear();
            _entry.String(symbol.Span);
            body = Crc32C.Append(body, _entry.Span);
            _file.Write(_entry.Span);
        }

        EndSection(body);
    }

    private void AddChunk(ReadOnlySpan<ChunkMeta> chunks, int i)
    {
        var chunk = chunks[i];
        if (chunk.MaxTime < chunk.MinTime || (i > 0 && chunk.MinTime <= chunks[i - 1].MaxTime))
        {
            throw new InvalidOperationException("index: chunks of a series overlap or are not in order");
        }

        if (i == 0)
        {
            _entry.Varint(chunk.MinTime);
            _entry.Uvarint((ulong)(chunk.MaxTime - chunk.MinTime));
            _entry.Uvarint(chunk.Reference);
        }
        else
        {
            _entry.Uvarint((ulong)(chunk.MinTime - chunks[i - 1].MaxTime));
            _entry.Uvarint((ulong)(chunk.MaxTime - chunk.MinTime));
            _entry.Varint((long)(chunk.Reference - chunks[i - 1].Reference));
        }
    }

    private void RequireOrder(ReadOnlySpan<uint> labels)
    {
        // Numbers of symbols compare as the symbols do.
        if (_series.Count > 0 && labels.SequenceCompareTo(_previous) <= 0)
        {
            throw new InvalidOperationException("index: series are not strictly increasing");
        }

        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] >= _symbols.Count || (i >= 2 && i % 2 == 0 && labels[i] <= labels[i - 2]))
            {
                throw new InvalidOperationException("index: labels of a series are not sorted or not among the symbols");
            }
        }

        _previous = labels.Length == _previous.Length ? _previous : new uint[labels.Length];
        labels.CopyTo(_previous);
    }

    private void Register(ReadOnlySpan<uint> labels)
    {
        var count = labels.Length / 2;
        if (count > _numbers.Length)
        {
            _numbers = new uint[count];
        }

        for (var i = 0; i < count; i++)
        {
            var pair = ((ulong)labels[2 * i] << 32) | labels[(2 * i) + 1];
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairNumbers, pair, out var known);
            if (!known)
            {
                number = _pairs.Count;
                _pairs.Add((pair, 0));
            }

            CollectionsMarshal.AsSpan(_pairs)[number].Count++;
            _numbers[i] = (uint)number;
        }

        _log.Add(_numbers.AsSpan(0, count));
    }

    // Writes the lists of as many pairs as one pass can gather, from `first` in `order` on; returns the first one left.
    private int WriteGroup(int[] order, int first, long[] offsets)
    {
        var end = first;
        var total = 0;
        while (end < order.Length && (end == first || total + _pairs[order[end]].Count <= _groupSize))
        {
            total += _pairs[order[end++]].Count;
        }

        // Where the next number of a pair goes; -1 for pairs of other groups.
        var next = new int[_pairs.Count];
        Array.Fill(next, -1);
        var at = 0;
        for (var i = first; i < end; i++)
        {
            next[order[i]] = at;
            at += _pairs[order[i]].Count;
        }

        var ids = new uint[total];
        var series = 0;
        for (var page = 0; page < _log.PageCount; page++)
        {
            var entries = _log.Read(page);
            for (var i = 0; i < entries.Length && entries[i] != PostingsLog.EndOfPage;)
            {
                var id = _series[series++];
                for (var left = entries[i++]; left > 0; left--)
                {
                    ref var slot = ref next[entries[i++]];
                    if (slot >= 0)
                    {
                        ids[slot++] = id;
                    }
                }
            }
        }

        at = 0;
        for (var i = first; i < end; i++)
        {
            _file.Pad(4);
            offsets[i] = _file.Position;
            var count = _pairs[order[i]].Count;
            WriteList(ids.AsSpan(at, count));
            at += count;
        }

        return end;
    }

    private void WriteList(Span<uint> ids)
    {
        var crc = BeginSection(4 + (4L * ids.Length), (uint)ids.Length);
        Span<uint> swapped = stackalloc uint[256];
        while (ids.Length > 0)
        {
            var part = Math.Min(ids.Length, swapped.Length);
            BinaryPrimitives.ReverseEndianness(ids[..part], swapped);
            var bytes = MemoryMarshal.AsBytes(swapped[..part]);
            crc = Crc32C.Append(crc, bytes);
            _file.Write(bytes);
            ids = ids[part..];
        }

        EndSection(crc);
    }

    private void WriteTable(int[] order, long[] offsets, long allAt)
    {
        // All series, then the pairs, as an entry each.
        var length = 4L + 3 + ByteBuffer.UvarintSize((ulong)allAt);
        for (var i = 0; i < order.Length; i++)
        {
            TableEntry(order[i], offsets[i]);
            length += _entry.Length;
        }

        var crc = BeginSection(length, (uint)order.Length + 1);
        for (var i = -1; i < order.Length; i++)
        {
            if (i < 0)
            {
                _entry.Clear();
                _entry.Byte(2);
                _entry.String([]);
                _entry.String([]);
                _entry.Uvarint((ulong)allAt);
            }
            else
            {
                TableEntry(order[i], offsets[i]);
            }

            crc = Crc32C.Append(crc, _entry.Span);
            _file.Write(_entry.Span);
        }

        EndSection(crc);
    }

    private void TableEntry(int number, long offset)
    {
        var pair = _pairs[number].Pair;
        _entry.Clear();
        _entry.Byte(2);
        _entry.String(_symbols[(int)(pair >> 32)].Span);
        _entry.String(_symbols[(int)(uint)pair].Span);
        _entry.Uvarint((ulong)offset);
    }

    // Writes length and count of a section and begins its checksum.
    private uint BeginSection(long length, uint count)
    {
        if (length > uint.MaxValue)
        {
            throw new InvalidOperationException("index: a section is larger than the format can hold");
        }

        _frame.Clear();
        _frame.UInt32((uint)length);
        _frame.UInt32(count);
        _file.Write(_frame.Span);
        return Crc32C.Compute(_frame.Span[4..]);
    }

    private void EndSection(uint crc)
    {
        _frame.Clear();
        _frame.UInt32(crc);
        _file.Write(_frame.Span);
    }

    private void WriteWithCrc(ReadOnlySpan<byte> bytes)
    {
        _file.Write(bytes);
        EndSection(Crc32C.Compute(bytes));
    }
}
