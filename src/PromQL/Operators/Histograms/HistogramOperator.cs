using Deucalion.Common.Labels;
using Deucalion.Common.Samples;
using Deucalion.PromQL.Annotations;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Histograms;

namespace Deucalion.PromQL.Operators.Histograms;

/// <summary>Functions of whole histograms, classic ones made of bucket series or native ones.</summary>
internal abstract class HistogramOperator : VectorOperator
{
    private readonly VectorOperator _inner;
    private readonly ScalarOperator[] _parameters;
    private HistogramGroups? _groups;

    /// <param name="inner">The histograms.</param>
    /// <param name="position">Place of the histograms in the query.</param>
    /// <param name="parameters">Scalars that the function reads.</param>
    protected HistogramOperator(VectorOperator inner, PositionRange position, params ScalarOperator[] parameters)
        : base(inner.Grid)
    {
        _inner = inner;
        _parameters = parameters;
        Position = position;
    }

    public override int Count => _groups!.Count * Outputs;

    protected PositionRange Position { get; }

    protected QueryContext? Context { get; private set; }

    /// <summary>Number of results for each histogram.</summary>
    protected virtual int Outputs => 1;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        Context = context;
        foreach (var parameter in _parameters)
        {
            await parameter.OpenAsync(context);
        }

        await _inner.OpenAsync(context);
        _groups = HistogramGroups.Of(_inner, context);
    }

    public override SeriesLabels RawLabelsAt(int index) => _groups![index % _groups.Count].Labels;

    public override bool DropNameAt(int index) => true;

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        var group = _groups![index % _groups.Count];
        var output = index / _groups.Count;
        var columns = new StepColumn[group.Members.Count];
        for (var m = 0; m < columns.Length; m++)
        {
            columns[m] = worker.RentColumn(Grid.Count);
            _inner.Evaluate(group.Members[m].Series, columns[m], worker);
        }

        column.Clear();
        var buckets = new ClassicBuckets();
        var scratch = new List<Common.Samples.Histograms.HistogramBucket>();
        for (var s = 0; s < Grid.Count; s++)
        {
            Context!.CancellationToken.ThrowIfCancellationRequested();
            Step(group, columns, s, output, column, buckets, scratch);
        }

        foreach (var rented in columns)
        {
            worker.Return(rented);
        }
    }

    public override void Dispose()
    {
        _inner.Dispose();
        foreach (var parameter in _parameters)
        {
            parameter.Dispose();
        }
    }

    /// <summary>Name of the metric for warnings; empty where names are dropped at once.</summary>
    protected string MetricName(Labels labels) => Context!.DelayedNameRemoval ? labels.Get(Labels.MetricName) : string.Empty;

    protected abstract double Classic(int output, int step, ClassicBuckets buckets, Labels labels);

    protected abstract double Native(
        int output, int step, FloatHistogram histogram, List<Common.Samples.Histograms.HistogramBucket> scratch, Labels labels);

    private void Step(
        HistogramGroup group,
        StepColumn[] columns,
        int s,
        int output,
        StepColumn into,
        ClassicBuckets buckets,
        List<Common.Samples.Histograms.HistogramBucket> scratch)
    {
        FloatHistogram? native = null;
        buckets.Clear();
        for (var m = 0; m < columns.Length; m++)
        {
            var member = group.Members[m];
            if (columns[m].HistogramAt(s) is { } histogram)
            {
                native = histogram;
            }
            else if (!columns[m].HasFloat(s))
            {
                continue;
            }
            else if (member.Bound is { } bound)
            {
                buckets.Add(bound, columns[m].Values[s]);
            }
            else
            {
                Context!.Annotations.Warn(AnnotationTexts.BadBucketLabel(member.Le, MetricName(group.Labels)), Position);
            }
        }

        if (native is not null && buckets.Count > 0)
        {
            Context!.Annotations.Warn(AnnotationTexts.MixedClassicNative(MetricName(group.Labels)), Position);
        }
        else if (native is not null)
        {
            into.Values[s] = Native(output, s, native, scratch, group.Labels);
        }
        else if (buckets.Count > 0)
        {
            into.Values[s] = Classic(output, s, buckets, group.Labels);
        }
    }
}
