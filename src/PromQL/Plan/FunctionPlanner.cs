using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Functions.Elementwise;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Absence;
using Deucalion.PromQL.Operators.Ordering;
using Deucalion.PromQL.Operators.Scalars;
using Deucalion.PromQL.Operators.Selectors;
using Deucalion.PromQL.Operators.Transforms;
using DayOfWeek = Deucalion.PromQL.Functions.Elementwise.DayOfWeek;
using ValueType = Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.PromQL.Plan;

/// <summary>Plans function calls whose value is a vector.</summary>
internal sealed class FunctionPlanner(Planner planner)
{
    public VectorOperator Plan(CallExpr call, StepGrid grid)
    {
        var name = call.Function.Name;
        var arguments = call.Arguments;
        if (name == "absent_over_time")
        {
            var range = RangePlanner.Plan(planner, call, "present_over_time", grid);
            return new AbsentOperator(range, AbsentLabels.Of(StepInvariance.Unwrap(arguments[0])));
        }

        foreach (var argument in arguments)
        {
            if (argument.Type == ValueType.Matrix)
            {
                var range = RangePlanner.Plan(planner, call, name, grid);
                return name is "last_over_time" or "first_over_time" ? range : new NameDropOperator(range, joins: false);
            }
        }

        if (name.StartsWith("histogram_", StringComparison.Ordinal))
        {
            return Planner.Merged(HistogramPlanner.Plan(planner, call, grid));
        }

        switch (name)
        {
            case "absent":
                return new AbsentOperator(Argument(call, 0, grid), AbsentLabels.Of(StepInvariance.Unwrap(arguments[0])));
            case "vector":
                return new VectorOfScalar(planner.Scalar(arguments[0], grid));
            case "label_replace":
                return new LabelReplaceOperator(
                    Argument(call, 0, grid), Text(call, 1), Text(call, 2), Text(call, 3), Text(call, 4));
            case "label_join":
                return new LabelJoinOperator(Argument(call, 0, grid), Text(call, 1), Text(call, 2), Texts(call, 3));
            case "sort" or "sort_desc":
                return new SortOperator(Argument(call, 0, grid), name == "sort_desc", call.Position);
            case "sort_by_label" or "sort_by_label_desc":
                return new SortByLabelOperator(Argument(call, 0, grid), Texts(call, 1), name == "sort_by_label_desc", call.Position);
            case "info":
                return Planner.Merged(InfoPlanner.Plan(planner, call, grid));
            case "clamp":
                return Planner.Merged(new ClampOperator(
                    Argument(call, 0, grid), planner.Scalar(arguments[1], grid), planner.Scalar(arguments[2], grid)));
            case "timestamp" or "start_timestamp":
                return Planner.Merged(Timestamp(call, grid));
            default:
                return Planner.Merged(Elementwise(call, grid));
        }
    }

    private static string Text(CallExpr call, int i) => Planner.Text(call.Arguments[i]);

    private static string[] Texts(CallExpr call, int from)
    {
        var texts = new string[call.Arguments.Count - from];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = Text(call, from + i);
        }

        return texts;
    }

    private VectorOperator Argument(CallExpr call, int i, StepGrid grid) => planner.Vector(call.Arguments[i], grid, call.Function.Name);

    private VectorOperator Timestamp(CallExpr call, StepGrid grid)
    {
        var selector = StepInvariance.Unwrap(call.Arguments[0]) as VectorSelector;
        if (call.Function.Name == "start_timestamp")
        {
            if (!planner.Options.UseStartTimestamps)
            {
                throw QueryException.Execution("start_timestamp() requires start timestamps to be enabled");
            }

            return selector is null
                ? new EmptyOperator(grid)
                : planner.Selector(selector, grid, SelectedValue.StartTime, "start_timestamp");
        }

        return selector is null || selector.Smoothed
            ? new EvaluationTimeOperator(Argument(call, 0, grid))
            : planner.Selector(selector, grid, SelectedValue.Time, "timestamp");
    }

    private VectorOperator DateArgument(CallExpr call, StepGrid grid) =>
        call.Arguments.Count == 0 ? new VectorOfScalar(new TimeScalar(grid)) : Argument(call, 0, grid);

    private VectorOperator Elementwise(CallExpr call, StepGrid grid)
    {
        switch (call.Function.Name)
        {
            case "minute":
                return new FloatMapOperator<Minute>(DateArgument(call, grid));
            case "hour":
                return new FloatMapOperator<Hour>(DateArgument(call, grid));
            case "day_of_week":
                return new FloatMapOperator<DayOfWeek>(DateArgument(call, grid));
            case "day_of_month":
                return new FloatMapOperator<DayOfMonth>(DateArgument(call, grid));
            case "day_of_year":
                return new FloatMapOperator<DayOfYear>(DateArgument(call, grid));
            case "days_in_month":
                return new FloatMapOperator<DaysInMonth>(DateArgument(call, grid));
            case "month":
                return new FloatMapOperator<Month>(DateArgument(call, grid));
            case "year":
                return new FloatMapOperator<Year>(DateArgument(call, grid));
        }

        var inner = Argument(call, 0, grid);
        return call.Function.Name switch
        {
            "clamp_min" => new FloatParameterOperator<ClampMin>(inner, planner.Scalar(call.Arguments[1], grid)),
            "clamp_max" => new FloatParameterOperator<ClampMax>(inner, planner.Scalar(call.Arguments[1], grid)),
            "round" => new FloatParameterOperator<RoundTo>(
                inner, call.Arguments.Count > 1 ? planner.Scalar(call.Arguments[1], grid) : new ConstantScalar(grid, 1)),
            _ => Mathematical(call.Function.Name, inner),
        };
    }

    private static VectorOperator Mathematical(string name, VectorOperator inner) => name switch
    {
        "abs" => new FloatMapOperator<Abs>(inner),
        "ceil" => new FloatMapOperator<Ceil>(inner),
        "floor" => new FloatMapOperator<Floor>(inner),
        "exp" => new FloatMapOperator<Exp>(inner),
        "sqrt" => new FloatMapOperator<Sqrt>(inner),
        "ln" => new FloatMapOperator<Ln>(inner),
        "log2" => new FloatMapOperator<Log2>(inner),
        "log10" => new FloatMapOperator<Log10>(inner),
        "sin" => new FloatMapOperator<Sin>(inner),
        "cos" => new FloatMapOperator<Cos>(inner),
        "tan" => new FloatMapOperator<Tan>(inner),
        "asin" => new FloatMapOperator<Asin>(inner),
        "acos" => new FloatMapOperator<Acos>(inner),
        "atan" => new FloatMapOperator<Atan>(inner),
        "sinh" => new FloatMapOperator<Sinh>(inner),
        "cosh" => new FloatMapOperator<Cosh>(inner),
        "tanh" => new FloatMapOperator<Tanh>(inner),
        "asinh" => new FloatMapOperator<Asinh>(inner),
        "acosh" => new FloatMapOperator<Acosh>(inner),
        "atanh" => new FloatMapOperator<Atanh>(inner),
        "deg" => new FloatMapOperator<Deg>(inner),
        "rad" => new FloatMapOperator<Rad>(inner),
        "sgn" => new FloatMapOperator<Sgn>(inner),
        _ => throw QueryException.Execution($"function {name} is not supported"),
    };
}
