using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Functions.Extended;
using Deucalion.PromQL.Functions.Ranges;
using Deucalion.PromQL.Functions.Rates;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Ranges;
using ValueType = Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.PromQL.Plan;

/// <summary>Plans functions of range vectors.</summary>
internal static class RangePlanner
{
    public static VectorOperator Plan(Planner planner, CallExpr call, string function, StepGrid grid)
    {
        var scalars = new List<ScalarOperator>();
        Expr? range = null;
        Expr? firstScalar = null;
        foreach (var argument in call.Arguments)
        {
            if (argument.Type == ValueType.Matrix)
            {
                range = argument;
            }
            else
            {
                firstScalar ??= argument;
                scalars.Add(planner.Scalar(argument, grid));
            }
        }

        var source = planner.Range(range!, grid, function);
        var selector = (StepInvariance.Unwrap(range!) as MatrixSelector)?.Selector;
        var kernel = selector is { Anchored: true } or { Smoothed: true }
            ? Extended(call.Function.Name, selector.Smoothed)
            : Kernel(function, scalars, firstScalar);
        // What a function says about a subquery points nowhere, that is at the start of the query.
        var position = StepInvariance.Unwrap(range!) is SubqueryExpr ? default : StepInvariance.Unwrap(range!).Position;
        return new RangeFunctionOperator(source, kernel, position, [.. scalars]);
    }

    private static RangeKernel Extended(string function, bool smoothed) => function switch
    {
        "rate" => new ExtendedRateKernel(RateKind.Rate, smoothed),
        "increase" => new ExtendedRateKernel(RateKind.Increase, smoothed),
        "delta" => new ExtendedRateKernel(RateKind.Delta, smoothed),
        "changes" when !smoothed => new AnchoredChangesKernel(resets: false),
        "resets" when !smoothed => new AnchoredChangesKernel(resets: true),
        _ => throw QueryException.Execution(smoothed
            ? $"smoothed modifier can only be used with: delta, increase, rate - not with {function}"
            : $"anchored modifier can only be used with: changes, delta, increase, rate, resets - not with {function}"),
    };

    private static RangeKernel Kernel(string function, List<ScalarOperator> scalars, Expr? firstScalar) => function switch
    {
        "rate" => new RateKernel(RateKind.Rate),
        "increase" => new RateKernel(RateKind.Increase),
        "delta" => new RateKernel(RateKind.Delta),
        "irate" => new InstantRateKernel(isRate: true),
        "idelta" => new InstantRateKernel(isRate: false),
        "changes" => new ChangesKernel(resets: false),
        "resets" => new ChangesKernel(resets: true),
        "deriv" => new RegressionKernel(null),
        "predict_linear" => new RegressionKernel(scalars[0]),
        "double_exponential_smoothing" => new SmoothingKernel(scalars[0], scalars[1]),
        "quantile_over_time" => new QuantileKernel(scalars[0], StepInvariance.Unwrap(firstScalar!).Position),
        "count_over_time" => new AnySampleKernel(AnySampleFunction.Count),
        "present_over_time" => new AnySampleKernel(AnySampleFunction.Present),
        "first_over_time" => new AnySampleKernel(AnySampleFunction.First),
        "last_over_time" => new AnySampleKernel(AnySampleFunction.Last),
        "ts_of_first_over_time" => new AnySampleKernel(AnySampleFunction.FirstTime),
        "ts_of_last_over_time" => new AnySampleKernel(AnySampleFunction.LastTime),
        "sum_over_time" => new SumKernel(average: false),
        "avg_over_time" => new SumKernel(average: true),
        "min_over_time" => new ExtremeKernel(isMax: false),
        "max_over_time" => new ExtremeKernel(isMax: true),
        "ts_of_min_over_time" => new FloatWindowKernel<TimeOfMinWindow>(),
        "ts_of_max_over_time" => new FloatWindowKernel<TimeOfMaxWindow>(),
        "stddev_over_time" => new FloatWindowKernel<DeviationWindow>(),
        "stdvar_over_time" => new FloatWindowKernel<VarianceWindow>(),
        "mad_over_time" => new FloatWindowKernel<MedianDeviationWindow>(),
        _ => throw new InvalidOperationException($"unknown range function {function}"),
    };
}
