
namespace Deucalion.PromQL.Operators.Binary;

/// <summary>
/// The series of an operand that find no partner. Nothing needs their values, but what fails or is noted in them belongs to the answer,
/// since operands are evaluated whole.
/// </summary>
internal sealed class UnmatchedSeries : VectorOperator
{
    private readonly VectorOperator _inner;
    private readonly List<int> _series;

    private UnmatchedSeries(VectorOperator inner, List<int> series)
        : base(inner.Grid)
    {
        _inner = inner;
        _series = series;
    }

    public override int Count => _series.Count;

    /// <summary>Computes the series for what they report, if they can report anything.</summary>
    public static void Evaluate(VectorOperator inner, List<int> series, QueryContext context)
    {
        if (inner.Reports && series.Count > 0)
        {
            using var unmatched = new UnmatchedSeries(inner, series);
            SeriesDrain.Run(unmatched, Discard.Instance, context);
        }
    }

    public override ValueTask OpenAsync(QueryContext context) => ValueTask.CompletedTask;

    public override SeriesLabels RawLabelsAt(int index) => _inner.RawLabelsAt(_series[index]);

    public override bool DropNameAt(int index) => _inner.DropNameAt(_series[index]);

    public override void Evaluate(int index, StepColumn column, Worker worker) => _inner.Evaluate(_series[index], column, worker);

    // The operand belongs to the operation.
    public override void Dispose()
    {
    }
}
