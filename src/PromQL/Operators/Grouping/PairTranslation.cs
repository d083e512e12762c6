using Deucalion.Common.Labels;
using Deucalion.Common.Memory;

namespace Deucalion.PromQL.Operators.Grouping;

/// <summary>Tells the pairs of a selection that count in the numbers of a grouping; each is looked at when it comes up first.</summary>
internal sealed class PairTranslation : IDisposable
{
    private const int Unknown = -2;
    private const int CountsNot = -1;

    private readonly LabelPairs _to;
    private readonly LabelSelection _selection;
    private readonly PooledColumn<int> _numbers = new();

    public PairTranslation(LabelPairs from, LabelPairs to, LabelSelection selection, bool hidesMetadata)
    {
        From = from;
        HidesMetadata = hidesMetadata;
        _to = to;
        _selection = selection;
        _numbers.AddRepeated(Unknown, from.Count);
    }

    public LabelPairs From { get; }

    /// <summary>Whether name, type and unit count as if they were not there.</summary>
    public bool HidesMetadata { get; }

    /// <summary>The pair's number in the grouping, negative where it does not count.</summary>
    public int NumberOf(int pair)
    {
        ref var number = ref _numbers[pair];
        return number == Unknown ? number = Translate(pair) : number;
    }

    public void Dispose() => _numbers.Release();

    private int Translate(int pair)
    {
        var name = From.NameTextOf(pair);
        return _selection.Counts(name, HidesMetadata)
            ? _to.Number(_to.Name(name), From.ValueBytesOf(pair), From.KnownValueOf(pair))
            : CountsNot;
    }
}
