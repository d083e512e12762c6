using Deucalion.PromQL.Functions.Elementwise;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>A function of each float and one number a step; histograms are dropped.</summary>
internal sealed class FloatParameterOperator<TFunction>(VectorOperator inner, ScalarOperator parameter)
    : MapOperator(inner, keepsName: false, parameter)
    where TFunction : struct, IFloatParameterFunction
{
    protected override void Transform(int index, StepColumn column)
    {
        column.DropHistograms();
        var values = column.Values;
        var parameters = parameter.Values;
        for (var s = 0; s < values.Length; s++)
        {
            Context!.CheckEvery4096(s);
            if (!StepColumn.IsAbsent(values[s]))
            {
                values[s] = TFunction.Apply(values[s], parameters[s]);
            }
        }
    }
}
