using Deucalion.Storage.Blocks;

namespace Deucalion.Storage.Index;

/// <summary>
/// The strings of several indexes as one sorted table, and what the references of each mean in it. Numbers are in the order of the strings, so label sets
/// of different blocks compare by their numbers. Immutable.
/// </summary>
internal sealed class SymbolUnion
{
    private const int TextBlock = 1 << 20;

    private readonly List<ReadOnlyMemory<byte>> _symbols = [];
    private readonly uint[][] _numbers;
    private readonly Dictionary<uint, uint>?[] _byOffset;
    private byte[] _text = [];
    private int _used;

    /// <summary>Reads all strings of all tables, once.</summary>
    /// <exception cref="CorruptBlockException">The strings of a table are not in order.</exception>
    public SymbolUnion(IReadOnlyList<IndexReader> indexes)
    {
        _numbers = new uint[indexes.Count][];
        _byOffset = new Dictionary<uint, uint>?[indexes.Count];
        var heads = new Head[indexes.Count];
        for (var i = 0; i < heads.Length; i++)
        {
            heads[i] = new Head(indexes[i].Symbols);
            _numbers[i] = new uint[indexes[i].Symbols.Count];
            _byOffset[i] = indexes[i].Version == 1 ? [] : null;
        }

        while (Least(heads) is var least && least >= 0)
        {
            var text = heads[least].Text;
            if (_symbols.Count > 0 && text.SequenceCompareTo(_symbols[^1].Span) <= 0)
            {
                throw new CorruptBlockException("index: symbols are not in order");
            }

            var symbol = Keep(text);
            for (var i = 0; i < heads.Length; i++)
            {
                if (!heads[i].IsAtEnd && heads[i].Text.SequenceEqual(symbol.Span))
                {
                    Number(i, heads[i], (uint)_symbols.Count);
                    heads[i].MoveNext();
                }
            }

            _symbols.Add(symbol);
        }
    }

    /// <summary>The strings, strictly increasing.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Symbols => _symbols;

    /// <summary>The number of the string that an index means by a reference.</summary>
    /// <exception cref="CorruptBlockException">It means none.</exception>
    public uint NumberOf(int index, uint reference)
    {
        if (_byOffset[index] is { } byOffset)
        {
            return byOffset.TryGetValue(reference, out var number) ? number : throw new CorruptBlockException("index: a symbol reference leads nowhere");
        }

        var numbers = _numbers[index];
        return reference < numbers.Length ? numbers[reference] : throw new CorruptBlockException("index: a symbol number is too large");
    }

    private static int Least(Head[] heads)
    {
        var least = -1;
        for (var i = 0; i < heads.Length; i++)
        {
            if (!heads[i].IsAtEnd && (least < 0 || heads[i].Text.SequenceCompareTo(heads[least].Text) < 0))
            {
                least = i;
            }
        }

        return least;
    }

    private void Number(int index, Head head, uint number)
    {
        if (_byOffset[index] is { } byOffset)
        {
            byOffset[head.Reference] = number;
        }
        else
        {
            _numbers[index][head.Reference] = number;
        }
    }

    private ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> text)
    {
        if (_text.Length - _used < text.Length)
        {
            _text = new byte[Math.Max(TextBlock, text.Length)];
            _used = 0;
        }

        text.CopyTo(_text.AsSpan(_used));
        _used += text.Length;
        return _text.AsMemory(_used - text.Length, text.Length);
    }

    /// <summary>Where one table is being read.</summary>
    private sealed class Head(SymbolTable table)
    {
        private int _position = SymbolTable.FirstPosition;
        private int _number;

        public bool IsAtEnd => _number >= table.Count;

        public uint Reference => table.ReferenceOf(_number, _position);

        public ReadOnlySpan<byte> Text
        {
            get
            {
                var position = _position;
                return table.Next(ref position);
            }
        }

        public void MoveNext()
        {
            table.Next(ref _position);
            _number++;
        }
    }
}
