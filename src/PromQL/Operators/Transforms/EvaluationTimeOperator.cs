namespace Deucalion.PromQL.Operators.Transforms;

/// <summary><c>timestamp</c> of anything but a selector: the evaluation time wherever there is a point.</summary>
internal sealed class EvaluationTimeOperator(VectorOperator inner) : MapOperator(inner, keepsName: false)
{
    protected override void Transform(int index, StepColumn column)
    {
        for (var s = 0; s < column.Steps; s++)
        {
            column.Values[s] = column.HasPoint(s) ? Grid.TimeAt(s) / 1000.0 : StepColumn.Absent;
        }

        column.DropHistograms();
    }
}
