using Deucalion.Common.Hashing;
using Deucalion.Common.Labels;
using Deucalion.Common.Memory;
using Deucalion.Storage.Index;

namespace Deucalion.Storage.Blocks;

/// <summary>Takes the labels of series entries of one index into columns; the text of a pair is looked up when it comes up first.</summary>
internal sealed class BlockLabels(SymbolTable symbols, LabelSets into) : IDisposable
{
    // The pairs met as references of name and value, with their numbers in the columns, in the order of the table.
    private readonly PooledColumn<KnownPair> _known = new();
    private readonly PooledTable _table = new();
    private int[] _labels = new int[16];

    /// <summary>Adds the label set at the start of an entry's body.</summary>
    /// <exception cref="CorruptBlockException">The labels are not in order, or a reference leads nowhere.</exception>
    public void Add(ref ByteReader body)
    {
        var count = body.Count(2);
        if (count > _labels.Length)
        {
            _labels = new int[count];
        }

        var pairs = into.Pairs;
        for (var i = 0; i < count; i++)
        {
            _labels[i] = NumberOf(body.Uvarint32(), body.Uvarint32());
            if (i > 0 && Utf8Order.Compare(pairs.NameTextOf(_labels[i - 1]), pairs.NameTextOf(_labels[i])) >= 0)
            {
                throw new CorruptBlockException("index: the labels of a series are not sorted");
            }
        }

        into.Add(_labels.AsSpan(0, count));
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        _known.Release();
        _table.Release();
    }

    private int NumberOf(uint name, uint value)
    {
        var key = ((ulong)name << 32) | value;
        var hash = SeededHash.Finish(SeededHash.Add(SeededHash.Seed, key));
        for (uint probe = 0; _table.Next(hash, ref probe) is var known && known >= 0;)
        {
            if (_known[known].Key == key)
            {
                return _known[known].Number;
            }
        }

        var number = into.Pairs.Number(into.Pairs.Name(symbols.Get(name)), symbols.BytesOf(value), null);
        _known.Add(new KnownPair(key, number));
        _table.Add(hash);
        return number;
    }

    private readonly record struct KnownPair(ulong Key, int Number);
}
