using System.Text;
using Deucalion.Storage.Memory;

namespace Deucalion.Storage.Symbols;

/// <summary>
/// The label names and values of all heads of a node as UTF-8 in native memory: each text once, named by a small number while something
/// refers to it. Interning and releasing take a lock; bytes and strings of a symbol are read without, by a reader that is registered with the
/// epochs or holds a reference. Thread-safe.
/// </summary>
public sealed unsafe class SymbolTable : IDisposable
{
    private const int UnitShift = 3;

    private readonly Lock _lock = new();
    private readonly PageArena _text;
    private readonly PagedTable<SymbolRow> _rows;
    private readonly RetireQueue<int> _retired;
    private readonly Action<int> _release;
    private readonly Stack<int> _freeIds = new();
    private string?[][] _strings = [];
    private int[] _slots = new int[64];
    private int _used;
    private int _nextId = 1;

    /// <summary>An empty table.</summary>
    /// <param name="epochs">The node's reader registrations.</param>
    /// <param name="pages">Gives the native memory.</param>
    /// <param name="poison">Whether freed text is overwritten, so that a use after freeing shows.</param>
    internal SymbolTable(ReaderEpochs epochs, NativePages pages, bool poison)
    {
        _text = new PageArena(pages, UnitShift, poison);
        _rows = new PagedTable<SymbolRow>(pages);
        _retired = new RetireQueue<int>(epochs);
        _release = ReleaseRow;
    }

    /// <summary>Number of texts.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of memory held, without cached strings.</summary>
    public long ReservedBytes => _text.ReservedBytes + _rows.ReservedBytes + (_slots.Length * sizeof(int)) + (_rows.Capacity * sizeof(long));

    /// <summary>Adds a reference to the symbol of a text, which is added where absent.</summary>
    public int Intern(ReadOnlySpan<byte> text)
    {
        var hash = HashOf(text);
        lock (_lock)
        {
            var id = Find(text, hash);
            if (id == 0)
            {
                id = Add(text, hash);
            }

            _rows[id].References++;
            return id;
        }
    }

    /// <summary>The symbol of a text, or 0 where there is none. The caller is registered with the epochs.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        var hash = HashOf(text);
        lock (_lock)
        {
            return Find(text, hash);
        }
    }

    /// <summary>Takes a reference back; the text goes with the last one.</summary>
    public void Release(int symbol)
    {
        lock (_lock)
        {
            ref var row = ref _rows[symbol];
            if (--row.References > 0)
            {
                return;
            }

            Remove(symbol, row.Hash);
            Count--;
            _retired.Add(symbol);
            _retired.Collect(_release);
        }
    }

    /// <summary>The UTF-8 bytes of a symbol.</summary>
    public ReadOnlySpan<byte> Bytes(int symbol)
    {
        ref var row = ref _rows[symbol];
        return new ReadOnlySpan<byte>(row.Text, row.Length);
    }

    /// <summary>The text of a symbol as a string; kept for the next time where <paramref name="cache"/> is set.</summary>
    public string Text(int symbol, bool cache)
    {
        ref var cached = ref Volatile.Read(ref _strings)[symbol >> 8][symbol & 255];
        var text = cached;
        if (text is null)
        {
            text = Encoding.UTF8.GetString(Bytes(symbol));
            if (cache)
            {
                cached = text;
            }
        }

        return text;
    }

    /// <summary>Frees the memory; no head may use the table any more.</summary>
    public void Dispose()
    {
        _text.Dispose();
        _rows.Dispose();
    }

    internal byte* Address(int symbol) => _rows[symbol].Text;

    private static uint HashOf(ReadOnlySpan<byte> text)
    {
        var hash = new HashCode();
        hash.AddBytes(text);
        return (uint)hash.ToHashCode();
    }

    private int Find(ReadOnlySpan<byte> text, uint hash)
    {
        var slots = _slots;
        var mask = slots.Length - 1;
        for (var i = (int)hash & mask; slots[i] != 0; i = (i + 1) & mask)
        {
            var id = slots[i];
            if (id > 0 && _rows[id].Hash == hash && Bytes(id).SequenceEqual(text))
            {
                return id;
            }
        }

        return 0;
    }

    private int Add(ReadOnlySpan<byte> text, uint hash)
    {
        if ((_used + 1) * 4 > _slots.Length * 3)
        {
            Rehash();
        }

        var id = _freeIds.Count > 0 ? _freeIds.Pop() : _nextId++;
        _rows.EnsureCapacity(id + 1);
        EnsureStrings(id);
        ref var row = ref _rows[id];
        row.Location = _text.Allocate(Math.Max(text.Length, 1));
        row.Text = _text.At(row.Location);
        row.Length = text.Length;
        row.Hash = hash;
        row.References = 0;
        text.CopyTo(new Span<byte>(row.Text, text.Length));
        Insert(_slots, id, hash);
        _used++;
        Count++;
        return id;
    }

    private static void Insert(int[] slots, int id, uint hash)
    {
        var mask = slots.Length - 1;
        var i = (int)hash & mask;
        while (slots[i] != 0)
        {
            i = (i + 1) & mask;
        }

        slots[i] = id;
    }

    // A removed entry leaves a mark (-1) so that probes go on behind it; marks go with the next rehash.
    private void Remove(int symbol, uint hash)
    {
        var mask = _slots.Length - 1;
        var i = (int)hash & mask;
        while (_slots[i] != symbol)
        {
            i = (i + 1) & mask;
        }

        _slots[i] = -1;
    }

    private void Rehash()
    {
        var length = _slots.Length;
        while ((Count + 1) * 2 > length)
        {
            length *= 2;
        }

        var slots = new int[length];
        foreach (var id in _slots)
        {
            if (id > 0)
            {
                Insert(slots, id, _rows[id].Hash);
            }
        }

        _slots = slots;
        _used = Count;
    }

    private void EnsureStrings(int id)
    {
        var page = id >> 8;
        var strings = _strings;
        if (page < strings.Length && strings[page] is not null)
        {
            return;
        }

        if (page >= strings.Length)
        {
            Array.Resize(ref strings, Math.Max(4, strings.Length * 2));
        }

        strings[page] = new string?[256];
        Volatile.Write(ref _strings, strings);
    }

    private void ReleaseRow(int symbol)
    {
        ref var row = ref _rows[symbol];
        _text.Free(row.Location, Math.Max(row.Length, 1));
        row = default;
        _strings[symbol >> 8][symbol & 255] = null;
        _freeIds.Push(symbol);
    }

    private struct SymbolRow
    {
        public byte* Text;
        public uint Location;
        public int Length;
        public int References;
        public uint Hash;
    }
}
