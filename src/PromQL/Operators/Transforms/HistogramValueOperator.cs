using Deucalion.PromQL.Functions.Histograms;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>A number of each native histogram; floats are dropped.</summary>
internal sealed class HistogramValueOperator<TValue>(VectorOperator inner) : MapOperator(inner, keepsName: false)
    where TValue : struct, IHistogramValue
{
    protected override void Transform(int index, StepColumn column)
    {
        for (var s = 0; s < column.Steps; s++)
        {
            column.Values[s] = column.HistogramAt(s) is { } histogram ? TValue.Of(histogram) : StepColumn.Absent;
        }

        column.DropHistograms();
    }
}
