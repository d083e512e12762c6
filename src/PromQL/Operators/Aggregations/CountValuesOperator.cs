using Deucalion.Common.Labels;
using Deucalion.Common.Samples.Histograms;
using Deucalion.Common.Text;
using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>count_values: one series a group and value, the value in a label.</summary>
internal sealed class CountValuesOperator : VectorOperator, ISeriesConsumer
{
    private readonly VectorOperator _inner;
    private readonly Grouping.LabelSelection _selection;
    private readonly string _label;
    private readonly Dictionary<Labels, int> _slots = [];
    private readonly List<Labels> _labels = [];
    private readonly List<bool> _dropName = [];
    private readonly List<double[]> _counts = [];
    private readonly LabelsBuilder _builder = new();
    private bool _delayed;
    private SampleBudget? _budget;

    public CountValuesOperator(VectorOperator inner, Grouping.LabelSelection selection, string label)
        : base(inner.Grid)
    {
        _inner = inner;
        _selection = selection;
        _label = label;
    }

    public override int Count => _labels.Count;

    public override bool Reports => false;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        if (!LabelNames.IsValid(_label))
        {
            throw QueryException.Execution($"invalid label name {LabelText.Quote(_label)}");
        }

        _delayed = context.DelayedNameRemoval;
        _budget = context.Budget;
        await _inner.OpenAsync(context);
        SeriesDrain.Run(_inner, this, context);
    }

    public void Consume(int index, StepColumn column)
    {
        Labels? group = null;
        double[]? counts = null;
        var last = double.NaN;
        for (var s = 0; s < column.Steps; s++)
        {
            if (!column.HasPoint(s))
            {
                continue;
            }

            // Values often stay for many steps.
            var value = column.Values[s];
            if (counts is null || !column.HasFloat(s) || BitConverter.DoubleToInt64Bits(value) != BitConverter.DoubleToInt64Bits(last))
            {
                group ??= _selection.Select(_inner.RawLabelsAt(index), _inner.DropNameAt(index) && !_delayed);
                var text = column.HistogramAt(s) is { } histogram ? HistogramText.Of(histogram) : GoFloat.FormatFixed(value);
                counts = CountsOf(group, text, _inner.DropNameAt(index) && _delayed);
                last = value;
            }

            counts[s]++;
        }
    }

    public override SeriesLabels RawLabelsAt(int index) => _labels[index];

    public override bool DropNameAt(int index) => _dropName[index];

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        column.Clear();
        var counts = _counts[index];
        for (var s = 0; s < counts.Length; s++)
        {
            if (counts[s] > 0)
            {
                column.Values[s] = counts[s];
            }
        }
    }

    public override void Dispose() => _inner.Dispose();

    private double[] CountsOf(Labels group, string value, bool dropName)
    {
        // The value's label takes part in the grouping: without() may take it away again.
        var labels = _selection.Keeps(_label) ? _builder.Reset(group).Set(_label, value).Build() : group;
        if (!_slots.TryGetValue(labels, out var slot))
        {
            slot = _labels.Count;
            _slots.Add(labels, slot);
            _labels.Add(labels);
            _dropName.Add(dropName);
            _counts.Add(new double[Grid.Count]);
            _budget!.Hold(Grid.Count, 128 + (8L * Grid.Count));
        }

        _dropName[slot] |= dropName;
        return _counts[slot];
    }
}
