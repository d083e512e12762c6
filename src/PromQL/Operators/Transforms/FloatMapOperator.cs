using Deucalion.PromQL.Functions.Elementwise;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>A function of each float; histograms are dropped.</summary>
internal sealed class FloatMapOperator<TFunction>(VectorOperator inner) : MapOperator(inner, keepsName: false)
    where TFunction : struct, IFloatFunction
{
    protected override void Transform(int index, StepColumn column)
    {
        column.DropHistograms();
        var values = column.Values;
        for (var s = 0; s < values.Length; s++)
        {
            Context!.CheckEvery4096(s);
            if (!StepColumn.IsAbsent(values[s]))
            {
                values[s] = TFunction.Apply(values[s]);
            }
        }
    }
}
