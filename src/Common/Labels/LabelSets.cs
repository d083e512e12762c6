using System.Buffers;
using Deucalion.Common.Memory;
using Deucalion.Common.Threads;

namespace Deucalion.Common.Labels;

/// <summary>
/// The label sets of many series in pooled columns: each a run of numbers of pairs, in order of the label names, without an object a set. Written by
/// one thread, then read by many, until <see cref="Dispose"/>.
/// </summary>
public sealed class LabelSets : IDisposable
{
    private readonly PooledColumn<int> _starts = new();

    // Of each set how many pairs it has, then their numbers.
    private readonly PooledColumn<int> _runs = new();
    private bool _ownsPairs = true;

    /// <summary>No sets, with pairs of their own.</summary>
    public LabelSets()
    {
        Pairs = new LabelPairs();
    }

    /// <summary>The pairs that the sets consist of.</summary>
    public LabelPairs Pairs { get; private set; }

    /// <summary>Number of sets.</summary>
    public int Count => _starts.Count;

    /// <summary>Bytes of memory held, strings aside.</summary>
    public long Bytes => _starts.Bytes + _runs.Bytes + (_ownsPairs ? Pairs.Bytes : 0);

    /// <summary>The same sets as columns.</summary>
    public static LabelSets Of(IEnumerable<Labels> sets)
    {
        var columns = new LabelSets();
        foreach (var set in sets)
        {
            columns.Add(set);
        }

        return columns;
    }

    /// <summary>Adds a set: numbers of its pairs in order of their names.</summary>
    public void Add(ReadOnlySpan<int> pairs)
    {
        const int OnStack = 64;
        var length = pairs.Length + 1;
        var rented = length > OnStack ? ArrayPool<int>.Shared.Rent(length) : null;
        Span<int> run = rented is null ? stackalloc int[OnStack] : rented;
        run[0] = pairs.Length;
        pairs.CopyTo(run[1..]);
        _starts.Add(_runs.AddRun(run[..length]));
        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    /// <summary>Adds a set.</summary>
    public void Add(Labels labels)
    {
        var pairs = new int[labels.Count];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = Pairs.Number(labels.NameAt(i), labels.ValueAt(i));
        }

        Add(pairs);
    }

    /// <summary>Numbers of the pairs of a set, in order of their names.</summary>
    public ReadOnlySpan<int> PairsAt(int set) => MutableAt(set);

    /// <summary>A set as an object.</summary>
    public Labels LabelsAt(int set)
    {
        var numbers = PairsAt(set);
        var text = new string[2 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            text[2 * i] = Pairs.NameTextOf(numbers[i]);
            text[(2 * i) + 1] = Pairs.ValueOf(numbers[i]);
        }

        return Labels.FromSortedPairs(text);
    }

    /// <summary>Tells the sets in the numbers of other pairs from now on, which take in those of the sets and stay with their owner.</summary>
    public void MoveTo(LabelPairs pairs, CancellationToken cancellationToken)
    {
        var numbers = new PooledColumn<int>();
        for (var pair = 0; pair < Pairs.Count; pair++)
        {
            numbers.Add(pairs.Number(pairs.Name(Pairs.NameTextOf(pair)), Pairs.ValueBytesOf(pair), Pairs.KnownValueOf(pair)));
        }

        LongLoop.Run(
            Count,
            set =>
            {
                foreach (ref var pair in MutableAt(set))
                {
                    pair = numbers[pair];
                }
            },
            cancellationToken);
        numbers.Release();
        ReleasePairs();
        Pairs = pairs;
        _ownsPairs = false;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        _starts.Release();
        _runs.Release();
        ReleasePairs();
    }

    private Span<int> MutableAt(int set)
    {
        var start = _starts[set];
        return _runs.Run(start, 1 + _runs[start])[1..];
    }

    private void ReleasePairs()
    {
        if (_ownsPairs)
        {
            Pairs.Dispose();
        }
    }
}
