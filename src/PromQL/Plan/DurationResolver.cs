using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;

namespace Deucalion.PromQL.Plan;

/// <summary>Computes duration expressions, which may depend on the query's step and range.</summary>
internal readonly struct DurationResolver(QueryTimes times)
{
    /// <summary>Milliseconds of a duration, cut towards zero.</summary>
    public long Resolve(DurationExpr expr, bool mustBePositive)
    {
        var seconds = Seconds(expr);
        if (double.IsNaN(seconds) || double.IsInfinity(seconds))
        {
            throw Error(expr, "duration is NaN or infinite");
        }

        if (mustBePositive && seconds <= 0)
        {
            throw Error(expr, "duration must be greater than 0");
        }

        return Math.Abs(seconds) > 9223372036.0 ? throw Error(expr, "duration is out of range") : (long)(seconds * 1000);
    }

    private static QueryException Error(DurationExpr expr, string text) =>
        new(QueryErrorKind.Execution, $"{expr.Position.Start}:{expr.Position.End}: {text}");

    private double Seconds(DurationExpr expr)
    {
        switch (expr.Op)
        {
            case DurationOp.Literal:
                return expr.Seconds;
            case DurationOp.Step:
                return times.StepMs / 1000.0;
            case DurationOp.Range:
                return (times.EndMs - times.StartMs) / 1000.0;
        }

        var right = Seconds(expr.Right!);
        if (expr.Left is null)
        {
            return expr.Op == DurationOp.Sub ? -right : right;
        }

        var left = Seconds(expr.Left);
        return expr.Op switch
        {
            DurationOp.Add => left + right,
            DurationOp.Sub => left - right,
            DurationOp.Mul => left * right,
            DurationOp.Div => right == 0 ? throw Error(expr, "division by zero") : left / right,
            DurationOp.Mod => right == 0 ? throw Error(expr, "modulo by zero") : left % right,
            DurationOp.Pow => Math.Pow(left, right),
            DurationOp.Min => Math.Min(left, right),
            DurationOp.Max => Math.Max(left, right),
            _ => throw new InvalidOperationException($"unknown duration operator {expr.Op}"),
        };
    }
}
