using Deucalion.Common.Labels;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Operators.Binary;

namespace Deucalion.PromQL.Operators.Info;

/// <summary>info(): adds the labels of info series that are about the same instance and job.</summary>
internal sealed class InfoOperator : VectorOperator, ISeriesConsumer
{
    private readonly VectorOperator _base;
    private readonly VectorOperator _info;
    private readonly VectorOperator _infoTimes;
    private readonly InfoMatchers _matchers;
    private readonly LabelsBuilder _builder = new();
    private InfoSeries? _about;
    private MatchedSeries? _results;
    private bool _delayed;

    /// <param name="inner">The series that get labels.</param>
    /// <param name="info">Values of the info series.</param>
    /// <param name="infoTimes">Times of the info series' samples, series in the same order.</param>
    /// <param name="matchers">What is asked for.</param>
    public InfoOperator(VectorOperator inner, VectorOperator info, VectorOperator infoTimes, InfoMatchers matchers)
        : base(inner.Grid)
    {
        _base = inner;
        _info = info;
        _infoTimes = infoTimes;
        _matchers = matchers;
    }

    public override int Count => _results!.Count;

    public override bool Reports => false;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        _delayed = context.DelayedNameRemoval;
        _results = new MatchedSeries(Grid.Count, context.Budget);
        await _base.OpenAsync(context);
        if (_base.Count == 0)
        {
            return;
        }

        await _info.OpenAsync(context);
        await _infoTimes.OpenAsync(context);
        SeriesDrain.Run(_info, new FloatsOnly(_info), context);
        using var times = MaterializedSeries.From(_infoTimes, context);
        _about = new InfoSeries(_infoTimes, times, context);
        SeriesDrain.Run(_base, this, context);
    }

    public void Consume(int index, StepColumn column)
    {
        var labels = _base.RawLabelsAt(index).Whole;
        var drop = _base.DropNameAt(index);
        labels = drop && !_delayed ? MetricNames.Drop(labels) : labels;
        var about = _matchers.IsInfo(labels) ? null : _about!.About(labels);
        var keepsBare = _matchers.KeepsUnmatched || _matchers.IsInfo(labels);
        var chosen = new int[about?.Count ?? 0];
        var slot = -1;
        for (var s = 0; s < column.Steps; s++)
        {
            if (!column.HasPoint(s))
            {
                continue;
            }

            if (Choose(about, s, chosen) || slot < 0)
            {
                var enriched = Enrich(labels, chosen, out var matched);
                slot = matched || keepsBare ? _results!.SlotOf(enriched, drop && _delayed) : int.MaxValue;
            }

            if (slot < int.MaxValue)
            {
                Put(column, s, _results!.ColumnAt(slot));
            }
        }
    }

    public override SeriesLabels RawLabelsAt(int index) => _results!.LabelsAt(index);

    public override bool DropNameAt(int index) => _results!.DropNameAt(index);

    public override void Evaluate(int index, StepColumn column, Worker worker) => column.CopyFrom(_results!.ColumnAt(index));

    public override void Dispose()
    {
        _about?.Dispose();
        _base.Dispose();
        _info.Dispose();
        _infoTimes.Dispose();
    }

    private static void Put(StepColumn from, int step, StepColumn into)
    {
        if (into.HasPoint(step))
        {
            throw QueryException.SameLabelset();
        }

        into.CopyStep(from, step, step);
    }

    /// <summary>Finds the info series in force at a step. True where they are others than before.</summary>
    private bool Choose(List<List<int>>? about, int step, int[] chosen)
    {
        var changed = false;
        for (var n = 0; n < chosen.Length; n++)
        {
            var now = _about!.InForce(about![n], step);
            changed |= now != chosen[n];
            chosen[n] = now;
        }

        return changed;
    }

    private Labels Enrich(Labels labels, int[] chosen, out bool matched)
    {
        matched = false;
        _builder.Reset(labels);
        foreach (var i in chosen)
        {
            if (i < 0)
            {
                continue;
            }

            matched = true;
            var info = _about!.LabelsAt(i);
            for (var l = 0; l < info.Count; l++)
            {
                Add(labels, info.NameAt(l), info.ValueAt(l));
            }
        }

        return _builder.Build();
    }

    private void Add(Labels labels, string name, string value)
    {
        if (!_matchers.Wants(name) || labels.Has(name))
        {
            return;
        }

        var had = _builder.Get(name);
        if (had.Length > 0 && had != value)
        {
            throw QueryException.Execution($"conflicting label: {name}");
        }

        _builder.Set(name, value);
    }

    /// <summary>Refuses info series that are histograms.</summary>
    private sealed class FloatsOnly(VectorOperator info) : ISeriesConsumer
    {
        public void Consume(int index, StepColumn column)
        {
            if (column.Histograms is not null)
            {
                throw QueryException.Execution($"this should be an info metric, with float samples: {info.RawLabelsAt(index).Whole}");
            }
        }
    }
}
