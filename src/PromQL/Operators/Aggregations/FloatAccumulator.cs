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

    public sealed override void Report(AggregationNotes notes)
    {
        if (_sawHistogram)
        {
            notes.HistogramIgnored();
        }
    }

    public sealed override void Finish(StepColumn result) => FinishFloats(result.Values);

    protected abstract void AddFloats(ReadOnlySpan<double> values);

    protected abstract void FinishFloats(Span<double> result);
}
