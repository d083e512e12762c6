using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Operators.Grouping;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>
/// Gives series other labels. Series that become equal are joined where they have no point at the same step, else the query fails;
/// some functions never join.
/// </summary>
internal abstract class MergingOperator : VectorOperator
{
    private bool _relabeled;

    // The series of each result, where some became equal.
    private GroupMembers? _joined;

    protected MergingOperator(VectorOperator inner)
        : base(inner.Grid)
    {
        Inner = inner;
    }

    public override int Count => _joined?.Count ?? Inner.Count;

    public override bool NamesUniform => !_relabeled && Inner.NamesUniform;

    public override bool Reports => _joined is not null || Inner.Reports;

    protected VectorOperator Inner { get; }

    /// <summary>Whether series that become equal may be joined; else the query fails where two of them have any point at all.</summary>
    protected virtual bool Joins => true;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await Inner.OpenAsync(context);
        _relabeled = Relabel(context);
        if (_relabeled)
        {
            FindEqual(context);
        }
    }

    public override SeriesLabels RawLabelsAt(int index) => _relabeled ? LabelsOf(First(index)) : Inner.RawLabelsAt(index);

    public override bool DropNameAt(int index) => _relabeled ? DropsName(First(index)) : Inner.DropNameAt(index);

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        if (_joined is null)
        {
            Inner.Evaluate(index, column, worker);
            return;
        }

        var sources = _joined.Of(index);
        Inner.Evaluate(sources[0], column, worker);
        if (sources.Length == 1)
        {
            return;
        }

        var next = worker.RentColumn(Grid.Count);
        var any = !Joins && column.CountPoints() > 0;
        for (var i = 1; i < sources.Length; i++)
        {
            Inner.Evaluate(sources[i], next, worker);
            if (!Joins && next.CountPoints() > 0)
            {
                if (any)
                {
                    throw QueryException.SameLabelset();
                }

                any = true;
            }

            Join(next, column);
        }

        worker.Return(next);
    }

    public override void Dispose() => Inner.Dispose();

    /// <summary>Adds the points of one column to another that must not have any at the same steps.</summary>
    public static void Join(StepColumn from, StepColumn into)
    {
        for (var s = 0; s < into.Steps; s++)
        {
            if (!from.HasPoint(s))
            {
                continue;
            }

            if (into.HasPoint(s))
            {
                throw QueryException.SameLabelset();
            }

            into.CopyStep(from, s, s);
        }
    }

    /// <summary>Finds the new labels of all series; false where they stay as they are.</summary>
    protected abstract bool Relabel(QueryContext context);

    /// <summary>New labels of a series of <see cref="Inner"/>.</summary>
    protected abstract SeriesLabels LabelsOf(int series);

    /// <summary>Whether the name of a series of <see cref="Inner"/> is to be dropped from its new labels.</summary>
    protected abstract bool DropsName(int series);

    private void FindEqual(QueryContext context)
    {
        using var grouping = new LabelGrouping(LabelSelection.All);
        var groups = new int[Inner.Count];
        context.ForEach(groups.Length, i => groups[i] = grouping.IdOf(LabelsOf(i), DropsName(i) && !context.DelayedNameRemoval));
        _joined = grouping.Count < groups.Length ? new GroupMembers(groups, grouping.Count) : null;
    }

    private int First(int index) => _joined is null ? index : _joined.Of(index)[0];
}
