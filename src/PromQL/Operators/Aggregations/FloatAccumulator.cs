namespace Deucalion.PromQL.Operators.Aggregations;

/// <summary>Aggregations that know floats only: histograms are left out with an info.</summary>
internal abstract class FloatAccumulator : GroupAccumulator
{
    private bool _sawHistogram;

    public sealed override void Add(StepColumn column)
    {
        AddFloats(column.Values);
        if (column.Histograms is null || _sawHistogram)
        {
            return;
        }

        foreach (var histogram in column.Histograms)
        {
            _sawHistogram |= histogram is not null;
        }
    }

    public sealed override void Finish(StepColumn result, AggregationNotes notes)
    {
        if (_sawHistogram)
        {
            notes.HistogramIgnored();
        }

        FinishFloats(result.Values, notes);
    }

    protected abstract void AddFloats(ReadOnlySpan<double> values);

    protected abstract void FinishFloats(Span<double> result, AggregationNotes notes);
}
