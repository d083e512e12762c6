using System.Collections.Concurrent;
using System.Numerics;
using System.Text;
using Deucalion.Common.Memory;
using Deucalion.Storage.Memory;
using Deucalion.Storage.Symbols;

namespace Deucalion.Storage.Head.Index;

/// <summary>
/// The inverted index of a head: label pairs, the series that have them, and each series' pairs as ids. One writer; readers registered with the
/// epochs look up beside it.
/// </summary>
internal sealed unsafe class LabelIndex : IDisposable
{
    private const int BlockShift = 4;
    private const int Removed = -1;

    private readonly SymbolTable _symbols;
    private readonly PageArena _blocks;
    private readonly PagedTable<PairRow> _pairs;
    private readonly RetireQueue<(uint Block, int Bytes, int Pair)> _retired;
    private readonly Action<(uint Block, int Bytes, int Pair)> _release;
    private readonly Stack<int> _freePairs = new();
    private readonly ConcurrentDictionary<string, LabelName> _names = new();
    private readonly Dictionary<int, LabelName> _namesBySymbol = [];
    private int[] _slots = new int[64];
    private int _used;
    private int _nextPair = 1;

    public LabelIndex(HeadResources resources)
    {
        _symbols = resources.Symbols;
        _blocks = new PageArena(resources.Pages, BlockShift, resources.Poison);
        _pairs = new PagedTable<PairRow>(resources.Pages);
        _retired = new RetireQueue<(uint Block, int Bytes, int Pair)>(resources.Epochs);
        _release = Release;
    }

    /// <summary>Number of distinct pairs.</summary>
    public int PairCount { get; private set; }

    /// <summary>All pair ids are below.</summary>
    public int PairLimit => _nextPair;

    /// <summary>Bytes of memory held.</summary>
    public long ReservedBytes => _blocks.ReservedBytes + _pairs.ReservedBytes + ((long)_slots.Length * sizeof(int));

    /// <summary>All label names.</summary>
    public IEnumerable<LabelName> Names => _names.Values;

    public ref PairRow this[int pair] => ref _pairs[pair];

    /// <summary>The name's entry, or null.</summary>
    public LabelName? Name(string name) => _names.GetValueOrDefault(name);

    /// <summary>The pair of a name and a value, or 0.</summary>
    public int FindPair(string name, string value)
    {
        var nameSymbol = FindSymbol(name);
        var valueSymbol = nameSymbol == 0 ? 0 : FindSymbol(value);
        return valueSymbol == 0 ? 0 : Find(nameSymbol, valueSymbol);
    }

    /// <summary>The pair of a name and a value, added where absent.</summary>
    public int Acquire(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var nameSymbol = _symbols.Intern(name);
        var valueSymbol = _symbols.Intern(value);
        var pair = Find(nameSymbol, valueSymbol);
        if (pair != 0)
        {
            _symbols.Release(nameSymbol);
            _symbols.Release(valueSymbol);
            return pair;
        }

        return Add(nameSymbol, valueSymbol);
    }

    /// <summary>Stores the pairs of a series; returns where.</summary>
    public uint StorePairs(ReadOnlySpan<int> pairs)
    {
        var block = _blocks.Allocate(Math.Max(pairs.Length, 1) * sizeof(int));
        pairs.CopyTo(new Span<int>(_blocks.At(block), pairs.Length));
        return block;
    }

    /// <summary>The pairs of a series.</summary>
    public ReadOnlySpan<int> PairsOf(in SeriesIdentity series) => new(_blocks.At(series.Pairs), series.PairCount);

    /// <summary>Adds a series to a pair.</summary>
    public void AddSeries(int pair, int seriesRef)
    {
        ref var row = ref _pairs[pair];
        var postings = row.Postings;
        var count = (int)postings;
        if (count == 0)
        {
            Volatile.Write(ref row.Postings, ((long)seriesRef << 32) | 1);
            return;
        }

        var block = (uint)(postings >> 32);
        if (count == 1)
        {
            var only = (int)block;
            block = _blocks.Allocate(BytesFor(2));
            *(int*)_blocks.At(block) = only;
        }
        else if (count == CapacityOf(count))
        {
            var larger = _blocks.Allocate(BytesFor(count + 1));
            new ReadOnlySpan<int>(_blocks.At(block), count).CopyTo(new Span<int>(_blocks.At(larger), count));
            _retired.Add((block, BytesFor(count), 0));
            block = larger;
        }

        ((int*)_blocks.At(block))[count] = seriesRef;
        Volatile.Write(ref row.Postings, ((long)block << 32) | (uint)(count + 1));
    }

    /// <summary>Copies the series of a pair behind those in the list.</summary>
    public void CopySeries(int pair, PooledColumn<int> destination)
    {
        var postings = Volatile.Read(ref _pairs[pair].Postings);
        var count = (int)postings;
        var block = (uint)(postings >> 32);
        if (count == 1)
        {
            destination.Add((int)block);
        }
        else if (count > 1)
        {
            destination.AddAll(new ReadOnlySpan<int>(_blocks.At(block), count));
        }
    }

    /// <summary>Removes the series of a set from all pairs; their own pairs are given with them.</summary>
    public void RemoveSeries(HashSet<int> refs, IEnumerable<(uint Pairs, int Count)> pairsOfRefs)
    {
        var affected = new HashSet<int>();
        foreach (var (block, count) in pairsOfRefs)
        {
            foreach (var pair in new ReadOnlySpan<int>(_blocks.At(block), count))
            {
                affected.Add(pair);
            }

            _retired.Add((block, Math.Max(count, 1) * sizeof(int), 0));
        }

        var names = new HashSet<int>();
        foreach (var pair in affected)
        {
            RemoveFrom(pair, refs);
            if (_pairs[pair].Count == 0)
            {
                names.Add(_pairs[pair].NameSymbol);
                RemoveSlot(pair);
                PairCount--;
                _retired.Add((0, 0, pair));
            }
        }

        foreach (var symbol in names)
        {
            var name = _namesBySymbol[symbol];
            name.Retain(pair => _pairs[pair].Count > 0);
            if (name.Pairs.Length == 0)
            {
                _names.TryRemove(name.Name, out _);
                _namesBySymbol.Remove(symbol);
            }
        }
    }

    /// <summary>The name of a pair as UTF-8.</summary>
    public ReadOnlySpan<byte> NameBytes(int pair) => new(_pairs[pair].Name, _pairs[pair].NameLength);

    /// <summary>The value of a pair as UTF-8.</summary>
    public ReadOnlySpan<byte> ValueBytes(int pair) => new(_pairs[pair].Value, _pairs[pair].ValueLength);

    /// <summary>The name of a pair.</summary>
    public string NameText(int pair) => _symbols.Text(_pairs[pair].NameSymbol, cache: true);

    /// <summary>The value of a pair; kept as a string only where several series have it.</summary>
    public string ValueText(int pair) => SharedValueText(pair) ?? TransientValue(pair);

    /// <summary>The value of a pair as a string that is kept, or null where only one series has it.</summary>
    public string? SharedValueText(int pair)
    {
        ref var row = ref _pairs[pair];
        return row.Count > 1 ? _symbols.Text(row.ValueSymbol, cache: true) : null;
    }

    /// <summary>The value of a pair, not kept.</summary>
    public string TransientValue(int pair) => _symbols.Text(_pairs[pair].ValueSymbol, cache: false);

    /// <summary>Frees what no reader can see any more.</summary>
    public void Collect() => _retired.Collect(_release);

    /// <summary>Gives all symbols back and frees the memory.</summary>
    public void Dispose()
    {
        foreach (var pair in _slots)
        {
            if (pair > 0)
            {
                _symbols.Release(_pairs[pair].NameSymbol);
                _symbols.Release(_pairs[pair].ValueSymbol);
            }
        }

        _retired.CollectAll(item =>
        {
            if (item.Pair != 0)
            {
                _symbols.Release(_pairs[item.Pair].NameSymbol);
                _symbols.Release(_pairs[item.Pair].ValueSymbol);
            }
        });
        _blocks.Dispose();
        _pairs.Dispose();
    }

    private static int CapacityOf(int count) => Math.Max(4, (int)BitOperations.RoundUpToPowerOf2((uint)count));

    private static int BytesFor(int count) => CapacityOf(count) * sizeof(int);

    private static int SlotOf(int nameSymbol, int valueSymbol, int length) =>
        (int)((((((ulong)(uint)nameSymbol << 32) | (uint)valueSymbol) * 0x9E3779B97F4A7C15) >> 32) & (uint)(length - 1));

    private int FindSymbol(string text)
    {
        Span<byte> buffer = stackalloc byte[512];
        return Encoding.UTF8.TryGetBytes(text, buffer, out var length)
            ? _symbols.Find(buffer[..length])
            : _symbols.Find(Encoding.UTF8.GetBytes(text));
    }

    private int Find(int nameSymbol, int valueSymbol)
    {
        var slots = Volatile.Read(ref _slots);
        for (var i = SlotOf(nameSymbol, valueSymbol, slots.Length); ; i = (i + 1) & (slots.Length - 1))
        {
            var pair = Volatile.Read(ref slots[i]);
            if (pair == 0)
            {
                return 0;
            }

            if (pair != Removed && _pairs[pair].NameSymbol == nameSymbol && _pairs[pair].ValueSymbol == valueSymbol)
            {
                return pair;
            }
        }
    }

    private int Add(int nameSymbol, int valueSymbol)
    {
        if ((_used + 1L) * 4 > _slots.Length * 3L)
        {
            Rehash();
        }

        var pair = _freePairs.Count > 0 ? _freePairs.Pop() : _nextPair++;
        _pairs.EnsureCapacity(pair + 1);
        ref var row = ref _pairs[pair];
        row.Name = _symbols.Address(nameSymbol);
        row.NameLength = _symbols.Bytes(nameSymbol).Length;
        row.Value = _symbols.Address(valueSymbol);
        row.ValueLength = _symbols.Bytes(valueSymbol).Length;
        row.NameSymbol = nameSymbol;
        row.ValueSymbol = valueSymbol;
        row.Postings = 0;
        Put(_slots, pair);
        _used++;
        PairCount++;
        if (!_namesBySymbol.TryGetValue(nameSymbol, out var name))
        {
            name = new LabelName(_symbols.Text(nameSymbol, cache: true));
            _namesBySymbol.Add(nameSymbol, name);
            _names[name.Name] = name;
        }

        name.Add(pair);
        return pair;
    }

    private void Put(int[] slots, int pair)
    {
        var i = SlotOf(_pairs[pair].NameSymbol, _pairs[pair].ValueSymbol, slots.Length);
        while (slots[i] != 0)
        {
            i = (i + 1) & (slots.Length - 1);
        }

        Volatile.Write(ref slots[i], pair);
    }

    private void RemoveSlot(int pair)
    {
        var i = SlotOf(_pairs[pair].NameSymbol, _pairs[pair].ValueSymbol, _slots.Length);
        while (_slots[i] != pair)
        {
            i = (i + 1) & (_slots.Length - 1);
        }

        _slots[i] = Removed;
    }

    private void Rehash()
    {
        var length = _slots.Length;
        while ((PairCount + 1L) * 2 > length)
        {
            length *= 2;
        }

        var slots = new int[length];
        foreach (var pair in _slots)
        {
            if (pair > 0)
            {
                Put(slots, pair);
            }
        }

        Volatile.Write(ref _slots, slots);
        _used = PairCount;
    }

    private void RemoveFrom(int pair, HashSet<int> refs)
    {
        ref var row = ref _pairs[pair];
        var postings = row.Postings;
        var count = (int)postings;
        var block = (uint)(postings >> 32);
        if (count <= 1)
        {
            Volatile.Write(ref row.Postings, 0);
            return;
        }

        var old = new ReadOnlySpan<int>(_blocks.At(block), count);
        var kept = new List<int>(count);
        foreach (var seriesRef in old)
        {
            if (!refs.Contains(seriesRef))
            {
                kept.Add(seriesRef);
            }
        }

        long replacement = 0;
        if (kept.Count == 1)
        {
            replacement = ((long)kept[0] << 32) | 1;
        }
        else if (kept.Count > 1)
        {
            var smaller = _blocks.Allocate(BytesFor(kept.Count));
            kept.CopyTo(new Span<int>(_blocks.At(smaller), kept.Count));
            replacement = ((long)smaller << 32) | (uint)kept.Count;
        }

        Volatile.Write(ref row.Postings, replacement);
        _retired.Add((block, BytesFor(count), 0));
    }

    private void Release((uint Block, int Bytes, int Pair) item)
    {
        if (item.Pair == 0)
        {
            _blocks.Free(item.Block, item.Bytes);
            return;
        }

        ref var row = ref _pairs[item.Pair];
        _symbols.Release(row.NameSymbol);
        _symbols.Release(row.ValueSymbol);
        row = default;
        _freePairs.Push(item.Pair);
    }
}
