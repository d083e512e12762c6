namespace Deucalion.Storage.Head;

/// <summary>
/// The series of a sealed generation in order of their labels, and the numbers of the symbols they refer to. Built by a registered reader; the
/// ids in it stay good while the generation has not been truncated, since its series and their pairs cannot go before.
/// </summary>
internal sealed class SealedWindowOrder
{
    private readonly HeadState _state;
    private readonly Dictionary<int, (int Rank, uint Name, uint Value)> _pairs = [];

    public SealedWindowOrder(HeadState state, HeadGeneration generation)
    {
        _state = state;
        Refs = Collect(generation);
        Symbols = NumberSymbols(out var numbers);
        RankPairs(numbers);
        Array.Sort(Refs, Compare);
    }

    /// <summary>The series, sorted by labels.</summary>
    public int[] Refs { get; }

    /// <summary>Texts of names and values, sorted bytewise, the empty text first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Symbols { get; }

    /// <summary>Numbers of name and value of a pair.</summary>
    public (uint Name, uint Value) SymbolsOf(int pair)
    {
        var (_, name, value) = _pairs[pair];
        return (name, value);
    }

    private int[] Collect(HeadGeneration generation)
    {
        var refs = new List<int>();
        for (var seriesRef = 0; seriesRef < _state.Refs.Next; seriesRef++)
        {
            for (var i = Volatile.Read(ref _state.Rows[seriesRef].FirstChunk); i != 0;)
            {
                ref var slot = ref _state.Chunks[i];
                if (slot.Owner >> 1 == generation.Index)
                {
                    refs.Add(seriesRef);
                    foreach (var pair in _state.Index.PairsOf(_state.Identities[seriesRef]))
                    {
                        _pairs.TryAdd(pair, default);
                    }

                    break;
                }

                i = Volatile.Read(ref slot.Next);
            }
        }

        return [.. refs];
    }

    private List<ReadOnlyMemory<byte>> NumberSymbols(out Dictionary<int, uint> numbers)
    {
        var table = _state.Resources.Symbols;
        var distinct = new HashSet<int>();
        long bytes = 0;
        foreach (var pair in _pairs.Keys)
        {
            ref var row = ref _state.Index[pair];
            bytes += distinct.Add(row.NameSymbol) ? row.NameLength : 0;
            bytes += distinct.Add(row.ValueSymbol) ? row.ValueLength : 0;
        }

        var sorted = distinct.ToArray();
        Array.Sort(sorted, (a, b) => table.Bytes(a).SequenceCompareTo(table.Bytes(b)));
        var text = new byte[bytes];
        var used = 0;
        var symbols = new List<ReadOnlyMemory<byte>>(sorted.Length + 1) { ReadOnlyMemory<byte>.Empty };
        numbers = new Dictionary<int, uint>(sorted.Length);
        foreach (var symbol in sorted)
        {
            var source = table.Bytes(symbol);
            source.CopyTo(text.AsSpan(used));
            numbers.Add(symbol, (uint)symbols.Count);
            symbols.Add(text.AsMemory(used, source.Length));
            used += source.Length;
        }

        return symbols;
    }

    // Sets compare pair by pair, name before value: the rank of a pair among all pairs says it in one number.
    private void RankPairs(Dictionary<int, uint> numbers)
    {
        var ids = _pairs.Keys.ToArray();
        var keys = new ulong[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            ref var row = ref _state.Index[ids[i]];
            keys[i] = ((ulong)numbers[row.NameSymbol] << 32) | numbers[row.ValueSymbol];
        }

        Array.Sort(keys, ids);
        for (var rank = 0; rank < ids.Length; rank++)
        {
            _pairs[ids[rank]] = (rank, (uint)(keys[rank] >> 32), (uint)keys[rank]);
        }
    }

    private int Compare(int left, int right)
    {
        var a = _state.Index.PairsOf(_state.Identities[left]);
        var b = _state.Index.PairsOf(_state.Identities[right]);
        var common = a.CommonPrefixLength(b);
        if (common == a.Length || common == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        return _pairs[a[common]].Rank.CompareTo(_pairs[b[common]].Rank);
    }
}
