using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Operators.Binary;

/// <summary>
/// A match in which every series has at most one partner and no two results share labels, as is usual: each result can be computed
/// on its own, without holding both sides in memory.
/// </summary>
internal sealed class PairedSeries
{
    private readonly List<(int Many, int One)> _pairs = [];
    private readonly List<Labels> _labels = [];

    private PairedSeries()
    {
    }

    public int Count => _pairs.Count;

    /// <summary>Series of the many side without partner.</summary>
    public List<int> UnmatchedMany { get; } = [];

    /// <summary>Series of the one side without partner.</summary>
    public List<int> UnmatchedOne { get; } = [];

    /// <summary>Finds the pairs, or null where the match is not that simple.</summary>
    public static PairedSeries? TryBuild(BinaryExpr expr, VectorOperator many, VectorOperator one, MatchGroups groups, QueryContext context)
    {
        var matching = expr.Matching!;
        if (matching.FillLeft is not null || matching.FillRight is not null)
        {
            return null;
        }

        var paired = new PairedSeries();
        var labels = new MatchedLabels(expr);
        var seen = new HashSet<Labels>(many.Count);
        var isSimple = true;
        context.ForEach(groups.Count, g =>
        {
            var left = groups.Left(g);
            var right = groups.Right(g);
            isSimple &= right.Length <= 1 && (left.Length <= 1 || matching.Cardinality != MatchCardinality.OneToOne);
            if (!isSimple)
            {
                return;
            }

            if (right.Length == 0 || left.Length == 0)
            {
                paired.UnmatchedMany.AddRange(left);
                paired.UnmatchedOne.AddRange(right);
                return;
            }

            var partner = one.VisibleLabelsAt(right[0], context);
            foreach (var m in left)
            {
                context.CheckEvery1024(paired._pairs.Count);
                var result = labels.Of(many.VisibleLabelsAt(m, context), partner);
                isSimple &= seen.Add(result);
                paired._pairs.Add((m, right[0]));
                paired._labels.Add(result);
            }
        });
        if (!isSimple)
        {
            return null;
        }

        paired.Order();
        return paired;
    }

    public int ManyAt(int index) => _pairs[index].Many;

    public int OneAt(int index) => _pairs[index].One;

    public Labels LabelsAt(int index) => _labels[index];

    /// <summary>Puts the results in the order of the many side.</summary>
    private void Order()
    {
        var sorted = true;
        for (var i = 1; i < _pairs.Count && sorted; i++)
        {
            sorted = _pairs[i - 1].Many < _pairs[i].Many;
        }

        if (sorted)
        {
            return;
        }

        var order = new int[_pairs.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        var (pairs, labels) = (_pairs.ToArray(), _labels.ToArray());
        Array.Sort(order, (a, b) => pairs[a].Many.CompareTo(pairs[b].Many));
        for (var i = 0; i < order.Length; i++)
        {
            _pairs[i] = pairs[order[i]];
            _labels[i] = labels[order[i]];
        }
    }
}
