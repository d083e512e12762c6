using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>
/// Gives series new labels. Series that become equal are joined where they have no point at the same step, else the query fails;
/// some functions never join.
/// </summary>
internal abstract class MergingOperator : VectorOperator
{
    private Labels[]? _labels;
    private bool[]? _dropped;
    private int[][]? _sources;

    protected MergingOperator(VectorOperator inner)
        : base(inner.Grid)
    {
        Inner = inner;
    }

    public override int Count => _sources?.Length ?? _labels?.Length ?? Inner.Count;

    public override bool NamesUniform => _labels is null && Inner.NamesUniform;

    protected VectorOperator Inner { get; }

    /// <summary>Whether series that become equal may be joined; else the query fails where two of them have any point at all.</summary>
    protected virtual bool Joins => true;

    public override bool Reports => _sources is not null || Inner.Reports;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await Inner.OpenAsync(context);
        if (!NeedsLabels(context))
        {
            return;
        }

        _labels = new Labels[Inner.Count];
        _dropped = new bool[Inner.Count];
        for (var i = 0; i < _labels.Length; i++)
        {
            context.CheckEvery1024(i);
            (_labels[i], _dropped[i]) = Relabel(i, context);
        }

        JoinEqual(context);
    }

    public override Labels RawLabelsAt(int index) => _labels is null ? Inner.RawLabelsAt(index) : _labels[First(index)];

    public override bool DropNameAt(int index) => _dropped is null ? Inner.DropNameAt(index) : _dropped[First(index)];

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        if (_sources is null)
        {
            Inner.Evaluate(index, column, worker);
            return;
        }

        var sources = _sources[index];
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

    /// <summary>Whether labels change at all.</summary>
    protected abstract bool NeedsLabels(QueryContext context);

    /// <summary>New labels of a series, and whether its name is to be dropped.</summary>
    protected abstract (Labels Labels, bool DropName) Relabel(int index, QueryContext context);

    private int First(int index) => _sources is null ? index : _sources[index][0];

    private void JoinEqual(QueryContext context)
    {
        var delayed = context.DelayedNameRemoval;
        var groups = new Dictionary<Labels, List<int>>(_labels!.Length);
        var order = new List<List<int>>(_labels.Length);
        for (var i = 0; i < _labels.Length; i++)
        {
            context.CheckEvery1024(i);
            var visible = _dropped![i] && !delayed ? MetricNames.Drop(_labels[i]) : _labels[i];
            if (!groups.TryGetValue(visible, out var members))
            {
                groups[visible] = members = [];
                order.Add(members);
            }

            members.Add(i);
        }

        if (order.Count < _labels.Length)
        {
            _sources = order.ConvertAll(static members => members.ToArray()).ToArray();
        }
    }
}
