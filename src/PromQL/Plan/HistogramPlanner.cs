using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.Histograms;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Histograms;
using Deucalion.PromQL.Operators.Transforms;

namespace Deucalion.PromQL.Plan;

/// <summary>Plans the functions of histograms.</summary>
internal static class HistogramPlanner
{
    public static VectorOperator Plan(Planner planner, CallExpr call, StepGrid grid)
    {
        var arguments = call.Arguments;
        switch (call.Function.Name)
        {
            case "histogram_quantile":
                return new HistogramQuantileOperator(
                    planner.WithBuckets(arguments[1], grid, call.Function.Name),
                    StepInvariance.Unwrap(arguments[1]).Position,
                    [planner.Scalar(arguments[0], grid)],
                    [StepInvariance.Unwrap(arguments[0]).Position],
                    null);
            case "histogram_quantiles":
                return Quantiles(planner, call, grid);
            case "histogram_fraction":
                return new HistogramFractionOperator(
                    planner.WithBuckets(arguments[2], grid, call.Function.Name),
                    StepInvariance.Unwrap(arguments[2]).Position,
                    planner.Scalar(arguments[0], grid),
                    planner.Scalar(arguments[1], grid));
        }

        var totals = call.Function.Name is "histogram_count" or "histogram_sum" or "histogram_avg";
        var inner = totals ? planner.WithTotals(arguments[0], grid, call.Function.Name) : planner.Vector(arguments[0], grid, call.Function.Name);
        return call.Function.Name switch
        {
            "histogram_count" => new HistogramValueOperator<HistogramCount>(inner),
            "histogram_sum" => new HistogramValueOperator<HistogramTotal>(inner),
            "histogram_avg" => new HistogramValueOperator<HistogramMean>(inner),
            "histogram_stdvar" => new HistogramValueOperator<HistogramVariance>(inner),
            "histogram_stddev" => new HistogramValueOperator<HistogramDeviation>(inner),
            _ => throw new InvalidOperationException($"unknown histogram function {call.Function.Name}"),
        };
    }

    private static HistogramQuantileOperator Quantiles(Planner planner, CallExpr call, StepGrid grid)
    {
        var quantiles = new ScalarOperator[call.Arguments.Count - 2];
        var positions = new PositionRange[quantiles.Length];
        for (var i = 0; i < quantiles.Length; i++)
        {
            quantiles[i] = planner.Scalar(call.Arguments[i + 2], grid);
            positions[i] = StepInvariance.Unwrap(call.Arguments[i + 2]).Position;
        }

        return new HistogramQuantileOperator(
            planner.WithBuckets(call.Arguments[0], grid, call.Function.Name), StepInvariance.Unwrap(call.Arguments[0]).Position, quantiles, positions, Planner.Text(call.Arguments[1]));
    }
}
