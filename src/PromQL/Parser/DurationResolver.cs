using System.Text;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions.GoMath;

namespace Deucalion.PromQL.Parser;

/// <summary>Computes duration expressions, which depend on the step and range of a query.</summary>
/// <param name="query">The text that the tree was read from.</param>
/// <param name="stepMilliseconds">Step of a range query, 0 for an instant query.</param>
/// <param name="rangeMilliseconds">End minus start, 0 for an instant query.</param>
public sealed class DurationResolver(string query, long stepMilliseconds, long rangeMilliseconds)
{
    private const double MaxSeconds = (1UL << 63) / 1e9;

    /// <summary>The tree with the values of all duration expressions in Range, Step and Offset; the expressions stay beside them.</summary>
    /// <exception cref="DurationExprException">One of them has no usable value.</exception>
    public Expr Resolve(Expr expr) => expr switch
    {
        ParenExpr e => e with { Inner = Resolve(e.Inner) },
        UnaryExpr e => e with { Inner = Resolve(e.Inner) },
        BinaryExpr e => e with { Left = Resolve(e.Left), Right = Resolve(e.Right) },
        AggregateExpr e => e with { Inner = Resolve(e.Inner), Parameter = e.Parameter is null ? null : Resolve(e.Parameter) },
        CallExpr e => e with { Arguments = [.. e.Arguments.Select(Resolve)] },
        VectorSelector e => ResolveSelector(e),
        MatrixSelector e => ResolveMatrix(e),
        SubqueryExpr e => ResolveSubquery(e),
        _ => expr,
    };

    /// <summary>Milliseconds of one expression.</summary>
    /// <param name="expr">The expression.</param>
    /// <param name="mayBeNegative">True for an offset; a range or step must be greater than 0.</param>
    /// <exception cref="DurationExprException">It has no usable value.</exception>
    public long Resolve(DurationExpr expr, bool mayBeNegative)
    {
        var seconds = Evaluate(expr);
        return !double.IsFinite(seconds) ? throw Error(expr, "duration is NaN or infinite")
            : seconds <= 0 && !mayBeNegative ? throw Error(expr, "duration must be greater than 0")
            : seconds is > MaxSeconds or < -MaxSeconds ? throw Error(expr, "duration is out of range")
            : (long)(seconds * 1000);
    }

    private VectorSelector ResolveSelector(VectorSelector e) =>
        e.Modifiers.OffsetExpr is null ? e : e with { Modifiers = ResolveOffset(e.Modifiers) };

    // The visitor of Prometheus reads the range before the selector inside.
    private MatrixSelector ResolveMatrix(MatrixSelector e)
    {
        var range = e.RangeExpr is null ? e.Range : Resolve(e.RangeExpr, mayBeNegative: false);
        return e with { Range = range, Selector = ResolveSelector(e.Selector) };
    }

    private SubqueryExpr ResolveSubquery(SubqueryExpr e)
    {
        var modifiers = ResolveOffset(e.Modifiers);
        var step = e.StepExpr is null ? e.Step : Resolve(e.StepExpr, mayBeNegative: false);
        var range = e.RangeExpr is null ? e.Range : Resolve(e.RangeExpr, mayBeNegative: false);
        return e with { Modifiers = modifiers, Step = step, Range = range, Inner = Resolve(e.Inner) };
    }

    private TimeModifiers ResolveOffset(TimeModifiers modifiers) => modifiers.OffsetExpr is null
        ? modifiers
        : modifiers with { Offset = Resolve(modifiers.OffsetExpr, mayBeNegative: true) };

    private double Evaluate(DurationExpr e)
    {
        switch (e.Op)
        {
            case DurationOp.Literal:
                return e.Seconds;
            case DurationOp.Step:
                return stepMilliseconds / 1000.0;
            case DurationOp.Range:
                return rangeMilliseconds / 1000.0;
        }

        var left = e.Left is null ? 0 : Evaluate(e.Left);
        var right = e.Right is null ? 0 : Evaluate(e.Right);
        return e.Op switch
        {
            DurationOp.Add => e.Left is null ? right : left + right,
            DurationOp.Sub => e.Left is null ? -right : left - right,
            DurationOp.Mul => left * right,
            DurationOp.Div => right == 0 ? throw Error(e, "division by zero") : left / right,
            DurationOp.Mod => right == 0 ? throw Error(e, "modulo by zero") : left % right,
            DurationOp.Pow => Powers.Pow(left, right),
            DurationOp.Min => Math.Min(left, right),
            _ => Math.Max(left, right),
        };
    }

    private DurationExprException Error(DurationExpr e, string problem) =>
        new($"{ByteOffset(e.Position.Start)}:{ByteOffset(e.Position.End)}: {problem}");

    private int ByteOffset(int position) => Encoding.UTF8.GetByteCount(query.AsSpan(0, Math.Min(position, query.Length)));
}
