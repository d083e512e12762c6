using Deucalion.Common.Labels;

namespace Deucalion.PromQL.Operators.Absence;

/// <summary>absent, and absent_over_time over present_over_time: 1 at the steps where no series has a point.</summary>
internal sealed class AbsentOperator(VectorOperator inner, Labels labels) : VectorOperator(inner.Grid), ISeriesConsumer
{
    private readonly bool[] _present = new bool[inner.Grid.Count];

    public override int Count => 1;

    public override bool NamesUniform => true;

    public override bool Reports => false;

    public override async ValueTask OpenAsync(QueryContext context)
    {
        await inner.OpenAsync(context);
        SeriesDrain.Run(inner, this, context);
    }

    public void Consume(int index, StepColumn column)
    {
        for (var s = 0; s < _present.Length; s++)
        {
            _present[s] |= column.HasPoint(s);
        }
    }

    public override SeriesLabels RawLabelsAt(int index) => labels;

    public override void Evaluate(int index, StepColumn column, Worker worker)
    {
        column.Clear();
        for (var s = 0; s < _present.Length; s++)
        {
            if (!_present[s])
            {
                column.Values[s] = 1;
            }
        }
    }

    public override void Dispose() => inner.Dispose();
}
