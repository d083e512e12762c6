using Deucalion.PromQL.Functions.Elementwise;

namespace Deucalion.PromQL.Operators.Transforms;

/// <summary>clamp: nothing at steps where the lower bound is above the upper one.</summary>
internal sealed class ClampOperator(VectorOperator inner, ScalarOperator min, ScalarOperator max) : MapOperator(inner, keepsName: false, min, max)
{
    protected override void Transform(int index, StepColumn column)
    {
        column.DropHistograms();
        var values = column.Values;
        for (var s = 0; s < values.Length; s++)
        {
            if (!StepColumn.IsAbsent(values[s]))
            {
                values[s] = max.Values[s] < min.Values[s]
                    ? StepColumn.Absent
                    : ClampMin.Apply(ClampMax.Apply(values[s], max.Values[s]), min.Values[s]);
            }
        }
    }
}
