using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Aggregations;
using Deucalion.PromQL.Operators.Grouping;
using Deucalion.PromQL.Printer;

namespace Deucalion.PromQL.Plan;

/// <summary>Plans aggregations.</summary>
internal sealed class AggregationPlanner(Planner planner)
{
    public VectorOperator Plan(AggregateExpr e, StepGrid grid)
    {
        var inner = planner.Vector(e.Inner, grid, OperatorText.Of(e.Op));
        var selection = e.Without ? LabelSelection.AllBut(e.Grouping) : LabelSelection.Only(e.Grouping);
        var notes = (QueryContext context) => new AggregationNotes(context.Annotations, StepInvariance.Unwrap(e.Inner).Position, OperatorText.Of(e.Op));
        switch (e.Op)
        {
            case AggregateOp.CountValues:
                return new CountValuesOperator(inner, selection, Planner.Text(e.Parameter!));
            case AggregateOp.TopK or AggregateOp.BottomK:
                // Unlike the others these point at the whole aggregation.
                var rankNotes = (QueryContext context) => new AggregationNotes(context.Annotations, e.Position, OperatorText.Of(e.Op));
                return new RankOperator(inner, selection, planner.Scalar(e.Parameter!, grid), e.Op == AggregateOp.TopK, rankNotes);
            case AggregateOp.LimitK:
                return new LimitOperator(inner, selection, planner.Scalar(e.Parameter!, grid));
            case AggregateOp.LimitRatio:
                return new LimitRatioOperator(inner, selection, planner.Scalar(e.Parameter!, grid), StepInvariance.Unwrap(e.Parameter!).Position);
            case AggregateOp.Quantile:
                var quantile = new QuantileParameter(planner.Scalar(e.Parameter!, grid), StepInvariance.Unwrap(e.Parameter!).Position);
                return new AggregateOperator(inner, selection, steps => new QuantileAccumulator(steps, quantile), quantile, notes);
            default:
                return new AggregateOperator(inner, selection, Accumulator(e.Op), null, notes);
        }
    }

    private static Func<int, GroupAccumulator> Accumulator(AggregateOp op) => op switch
    {
        AggregateOp.Sum => static steps => new SumAccumulator(steps),
        AggregateOp.Avg => static steps => new AverageAccumulator(steps),
        AggregateOp.Count => static steps => new CountAccumulator(steps, isGroup: false),
        AggregateOp.Group => static steps => new CountAccumulator(steps, isGroup: true),
        AggregateOp.Min => static steps => new ExtremeAccumulator(steps, isMax: false),
        AggregateOp.Max => static steps => new ExtremeAccumulator(steps, isMax: true),
        AggregateOp.Stddev => static steps => new VarianceAccumulator(steps, isDeviation: true),
        AggregateOp.Stdvar => static steps => new VarianceAccumulator(steps, isDeviation: false),
        _ => throw new InvalidOperationException($"unknown aggregation {op}"),
    };
}
