using Deucalion.Common.Samples.Histograms;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>Unary minus.</summary>
internal sealed class NegateOperator(VectorOperator inner) : MapOperator(inner, keepsName: false)
{
    protected override void Transform(int index, StepColumn column)
    {
        for (var s = 0; s < column.Steps; s++)
        {
            Context!.CheckEvery4096(s);
            if (column.HasFloat(s))
            {
                column.Values[s] = -column.Values[s];
            }
            else if (column.HistogramAt(s) is { } histogram)
            {
                column.SetHistogram(s, histogram.Multiply(-1));
            }
        }
    }
}
