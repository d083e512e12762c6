using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Printer;
using ValueType = Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.PromQL.Parser;

/// <summary>Checks the types of a tree and settles how binary operations match. Errors come in Prometheus's order.</summary>
internal sealed class TypeChecker(string query)
{
    /// <summary>The tree with matching settled.</summary>
    public Expr Check(Expr expr) => Check(expr, mayMatchAll: false);

    private ParseException Error(PositionRange position, string text) => new(query, position, text);

    private Expr Check(Expr expr, bool mayMatchAll)
    {
        switch (expr)
        {
            case AggregateExpr e:
                return CheckAggregate(e);
            case BinaryExpr e:
                return CheckBinary(e);
            case CallExpr e:
                return CheckCall(e);
            case ParenExpr e:
                return e with { Inner = Check(e.Inner) };
            case UnaryExpr e:
                var operand = Check(e.Inner);
                return operand.Type is ValueType.Scalar or ValueType.Vector
                    ? e with { Inner = operand }
                    : throw Error(
                        e.Position,
                        $"unary expression only allowed on expressions of type scalar or instant vector, got \"{OperatorText.Describe(operand.Type)}\"");
            case SubqueryExpr e:
                var inner = Check(e.Inner);
                return inner.Type == ValueType.Vector
                    ? e with { Inner = inner }
                    : throw Error(e.Position, $"subquery is only allowed on instant vector, got {OperatorText.Of(inner.Type)} instead");
            case MatrixSelector e:
                CheckSelector(e.Selector, mayMatchAll: false);
                return e;
            case VectorSelector e:
                CheckSelector(e, mayMatchAll);
                return e;
            default:
                return expr;
        }
    }

    private void CheckSelector(VectorSelector selector, bool mayMatchAll)
    {
        if (selector.Name.Length == 0)
        {
            if (!mayMatchAll && selector.Matchers.All(m => m.MatchesEmpty))
            {
                throw Error(selector.Position, "vector selector must contain at least one non-empty matcher");
            }

            return;
        }

        foreach (var matcher in selector.Matchers.SkipLast(1))
        {
            if (matcher.Name == Labels.MetricName)
            {
                throw Error(
                    selector.Position,
                    $"metric name must not be set twice: {LabelText.Quote(selector.Name)} or {LabelText.Quote(matcher.Value)}");
            }
        }
    }

    private Expr CheckAs(Expr expr, ValueType wanted, string context)
    {
        var checkedExpr = Check(expr);
        return checkedExpr.Type == wanted
            ? checkedExpr
            : throw Error(expr.Position, $"expected type {OperatorText.Describe(wanted)} in {context}, got {OperatorText.Describe(checkedExpr.Type)}");
    }

    private AggregateExpr CheckAggregate(AggregateExpr e)
    {
        var inner = CheckAs(e.Inner, ValueType.Vector, "aggregation expression");
        var wanted = e.Op == AggregateOp.CountValues ? ValueType.String : ValueType.Scalar;
        var parameter = e.Parameter is null ? null : CheckAs(e.Parameter, wanted, "aggregation parameter");
        return e with { Inner = inner, Parameter = parameter };
    }

    private CallExpr CheckCall(CallExpr e)
    {
        var function = e.Function;
        CheckCount(e);
        var isInfo = function.Name == "info";
        if (isInfo && e.Arguments.Count > 1)
        {
            CheckInfoSelector(e);
        }

        var arguments = new List<Expr>(e.Arguments.Count);
        for (var i = 0; i < e.Arguments.Count; i++)
        {
            var wanted = function.ArgumentTypes[Math.Min(i, function.ArgumentTypes.Count - 1)];
            var argument = Check(e.Arguments[i], mayMatchAll: isInfo && i == 1);
            if (argument.Type != wanted)
            {
                throw Error(
                    argument.Position,
                    $"expected type {OperatorText.Describe(wanted)} in call to function \"{function.Name}\", got {OperatorText.Describe(argument.Type)}");
            }

            arguments.Add(argument);
        }

        return e with { Arguments = arguments };
    }

    private void CheckCount(CallExpr e)
    {
        var function = e.Function;
        var listed = function.ArgumentTypes.Count;
        var given = e.Arguments.Count;
        var (wrong, expected) = function.Variadic switch
        {
            0 => (given != listed, $"{listed}"),
            _ when given < listed - 1 => (true, $"at least {listed - 1}"),
            > 0 when given > listed - 1 + function.Variadic => (true, $"at most {listed - 1 + function.Variadic}"),
            _ => (false, string.Empty),
        };
        if (wrong)
        {
            throw Error(e.Position, $"expected {expected} argument(s) in call to \"{function.Name}\", got {given}");
        }
    }

    private void CheckInfoSelector(CallExpr e)
    {
        var selector = e.Arguments[1];
        if (selector.Type != ValueType.Vector)
        {
            throw Error(e.Position, $"expected type instant vector in call to function \"info\", got {OperatorText.Describe(selector.Type)}");
        }

        switch (selector)
        {
            case VectorSelector { Name.Length: > 0 }:
                throw Error(selector.Position, "expected label selectors only, got vector selector instead");
            case not VectorSelector:
                throw Error(selector.Position, "expected label selectors only");
        }
    }

    private BinaryExpr CheckBinary(BinaryExpr e)
    {
        var left = Check(e.Left);
        var right = Check(e.Right);
        e = e with { Left = left, Right = right };
        var matching = e.Matching!;
        var isComparison = e.Op is >= BinaryOp.Eql and <= BinaryOp.Gte;
        var isSet = e.Op is BinaryOp.And or BinaryOp.Or or BinaryOp.Unless;
        if (e.ReturnBool && !isComparison)
        {
            throw Error(OperatorPosition(e), "bool modifier can only be used on comparison operators");
        }

        if (isComparison && !e.ReturnBool && left.Type == ValueType.Scalar && right.Type == ValueType.Scalar)
        {
            throw Error(OperatorPosition(e), "comparisons between scalars must use BOOL modifier");
        }

        if (matching.On && matching.Labels.FirstOrDefault(matching.Include.Contains) is { } twice)
        {
            throw Error(OperatorPosition(e), $"label {LabelText.Quote(twice)} must not occur in ON and GROUP clause at once");
        }

        foreach (var side in (ReadOnlySpan<Expr>)[left, right])
        {
            if (side.Type is not (ValueType.Scalar or ValueType.Vector))
            {
                throw Error(side.Position, "binary expression must contain only scalar and instant vector types");
            }
        }

        return left.Type == ValueType.Vector && right.Type == ValueType.Vector
            ? isSet ? e with { Matching = SettleSet(e, matching) } : e
            : SettleScalar(e, matching, isSet);
    }

    private BinaryExpr SettleScalar(BinaryExpr e, VectorMatching matching, bool isSet)
    {
        if (matching.Labels.Count > 0)
        {
            throw Error(e.Position, "vector matching only allowed between instant vectors");
        }

        if (matching.FillLeft is not null || matching.FillRight is not null)
        {
            throw Error(e.Position, "filling in missing series only allowed between instant vectors");
        }

        return isSet
            ? throw Error(e.Position, $"set operator \"{OperatorText.Of(e.Op)}\" not allowed in binary scalar expression")
            : e with { Matching = null };
    }

    private VectorMatching SettleSet(BinaryExpr e, VectorMatching matching)
    {
        if (matching.Cardinality is MatchCardinality.OneToMany or MatchCardinality.ManyToOne)
        {
            throw Error(e.Position, $"no grouping allowed for \"{OperatorText.Of(e.Op)}\" operation");
        }

        return matching.FillLeft is not null || matching.FillRight is not null
            ? throw Error(e.Position, "filling in missing series not allowed for set operators")
            : matching with { Cardinality = MatchCardinality.ManyToMany };
    }

    private PositionRange OperatorPosition(BinaryExpr e)
    {
        var start = e.Left.Position.End;
        while (start < query.Length && query[start] is ' ' or '\t' or '\n' or '\r')
        {
            start++;
        }

        return new(start, e.Right.Position.Start);
    }
}
