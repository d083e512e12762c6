using System.Text;
using Deucalion.Common.Labels;

namespace Deucalion.Storage.Blocks;

/// <summary>
/// Collects series with their chunks in memory, in any order, as the source of a block. For small blocks and for tools; large ones are
/// streamed by an
/// <see cref="IBlockSource"/> of their own. A label set may be added once. Not thread-safe.
/// </summary>
public sealed class BlockBuilder : IBlockSource
{
    private readonly List<Entry> _series = [];
    private List<ReadOnlyMemory<byte>>? _symbols;
    private int _current = -1;
    private int _chunk = -1;

    /// <inheritdoc/>
    public IReadOnlyList<ReadOnlyMemory<byte>> Symbols
    {
        get
        {
            Freeze();
            return _symbols!;
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<uint> Labels => _series[_current].Numbers;

    /// <summary>Starts the next series: chunks added from now on are its.</summary>
    public void BeginSeries(Labels labels)
    {
        if (_symbols is not null)
        {
            throw new InvalidOperationException("the block is being written");
        }

        _series.Add(new Entry(labels));
    }

    /// <summary>Adds a chunk, copied, to the series begun last, newer than those before it.</summary>
    public void AddChunk(byte encoding, long minTime, long maxTime, ReadOnlySpan<byte> data) =>
        _series[^1].Chunks.Add((encoding, minTime, maxTime, data.ToArray()));

    /// <inheritdoc/>
    public bool NextSeries()
    {
        Freeze();
        _chunk = -1;
        return ++_current < _series.Count;
    }

    /// <inheritdoc/>
    public bool NextChunk(out BlockChunk chunk)
    {
        chunk = default;
        var chunks = _series[_current].Chunks;
        if (++_chunk >= chunks.Count)
        {
            return false;
        }

        var (encoding, minTime, maxTime, data) = chunks[_chunk];
        chunk = new BlockChunk(encoding, minTime, maxTime, data);
        return true;
    }

    private void Freeze()
    {
        if (_symbols is not null)
        {
            return;
        }

        var strings = new HashSet<string> { string.Empty };
        foreach (var series in _series)
        {
            strings.UnionWith(series.Labels.Pairs.ToArray());
        }

        var sorted = strings.ToList();
        sorted.Sort(Utf8Order.Compare);
        var numbers = new Dictionary<string, uint>(sorted.Count);
        _symbols = new List<ReadOnlyMemory<byte>>(sorted.Count);
        foreach (var text in sorted)
        {
            numbers.Add(text, (uint)_symbols.Count);
            _symbols.Add(Encoding.UTF8.GetBytes(text));
        }

        foreach (var series in _series)
        {
            series.Numbers = Array.ConvertAll(series.Labels.Pairs.ToArray(), s => numbers[s]);
        }

        _series.Sort(static (a, b) => a.Labels.CompareTo(b.Labels));
    }

    private sealed class Entry(Labels labels)
    {
        public Labels Labels { get; } = labels;

        public uint[] Numbers { get; set; } = [];

        public List<(byte Encoding, long MinTime, long MaxTime, byte[] Data)> Chunks { get; } = [];
    }
}
