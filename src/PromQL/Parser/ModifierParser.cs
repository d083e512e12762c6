using Deucalion.Common.Text;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Parser;

/// <summary>Reads what may follow an operand: ranges, subqueries, <c>offset</c>, <c>@</c>, <c>anchored</c> and <c>smoothed</c>.</summary>
internal sealed class ModifierParser(TokenStream tokens, ParserOptions options)
{
    private readonly DurationExprParser _durations = new(tokens);

    /// <summary>Applies all modifiers that follow.</summary>
    public Expr Parse(Expr expr)
    {
        var depth = 0;
        while (true)
        {
            switch (tokens.Kind)
            {
                case TokenKind.LeftBracket:
                    tokens.Enter(expr.Position);
                    depth++;
                    expr = ParseBracket(expr);
                    break;
                case TokenKind.Offset:
                    expr = ParseOffset(expr);
                    break;
                case TokenKind.At:
                    expr = ParseAt(expr);
                    break;
                case TokenKind.Anchored:
                    tokens.Take();
                    expr = SetExtended(expr, "anchored", s => s with { Anchored = true });
                    break;
                case TokenKind.Smoothed:
                    tokens.Take();
                    expr = SetExtended(expr, "smoothed", s => s with { Smoothed = true });
                    break;
                default:
                    for (; depth > 0; depth--)
                    {
                        tokens.Leave();
                    }

                    return expr;
            }
        }
    }

    private static long Milliseconds(DurationExpr? duration) =>
        duration is { Op: DurationOp.Literal } ? NumberReader.ToMilliseconds(duration.Seconds) : 0;

    private static DurationExpr? UnlessLiteral(DurationExpr? duration) => duration is { Op: DurationOp.Literal } ? null : duration;

    private Expr ParseBracket(Expr expr)
    {
        var open = tokens.Take();
        tokens.Blame("subquery or range selector", "number, duration, step(), or range()");
        var range = _durations.ParsePositive();
        tokens.Unblame();
        switch (tokens.Kind)
        {
            case TokenKind.RightBracket:
                return MakeMatrix(expr, range, new(open.Start, tokens.Take().End));
            case TokenKind.Colon:
                tokens.Take();
                return ParseSubquery(expr, range);
            default:
                throw tokens.Unexpected("subquery or range", "\":\" or \"]\"");
        }
    }

    private MatrixSelector MakeMatrix(Expr expr, DurationExpr range, PositionRange brackets)
    {
        var problem = expr switch
        {
            not VectorSelector => "ranges only allowed for vector selectors",
            VectorSelector { Modifiers: { Offset: not 0 } or { OffsetExpr: not null } } => "no offset modifiers allowed before range",
            VectorSelector { Modifiers.At: not AtKind.None } => "no @ modifiers allowed before range",
            _ => null,
        };
        return problem is not null
            ? throw tokens.Error(brackets, problem)
            : new MatrixSelector
            {
                Selector = (VectorSelector)expr,
                Range = Milliseconds(range),
                RangeExpr = UnlessLiteral(range),
                Position = new(expr.Position.Start, brackets.End),
            };
    }

    private SubqueryExpr ParseSubquery(Expr expr, DurationExpr range)
    {
        DurationExpr? step = null;
        if (tokens.Kind != TokenKind.RightBracket)
        {
            tokens.Blame("subquery selector", "number, duration, step(), range(), or \"]\"");
            step = _durations.ParsePositive();
            tokens.Unblame();
            if (tokens.Kind != TokenKind.RightBracket)
            {
                throw tokens.Unexpected("subquery selector", "\"]\"");
            }
        }

        return new SubqueryExpr
        {
            Inner = expr,
            Range = Milliseconds(range),
            RangeExpr = UnlessLiteral(range),
            Step = Milliseconds(step),
            StepExpr = UnlessLiteral(step),
            Position = new(expr.Position.Start, tokens.Take().End),
        };
    }

    private Expr ParseOffset(Expr expr)
    {
        tokens.Take();
        tokens.Blame("offset", "number, duration, step(), or range()");
        var offset = _durations.ParseOffset();
        tokens.Unblame();
        var modifiers = ModifiersOf(expr)
            ?? throw tokens.Error(
                expr.Position,
                "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery");
        return modifiers.Offset != 0 || modifiers.OffsetExpr is not null
            ? throw tokens.Error(expr.Position, "offset may not be set multiple times")
            : With(expr, modifiers with { Offset = Milliseconds(offset), OffsetExpr = UnlessLiteral(offset) });
    }

    private Expr ParseAt(Expr expr)
    {
        tokens.Take();
        if (tokens.Kind is TokenKind.Start or TokenKind.End)
        {
            tokens.Blame("@", "timestamp");
            var kind = tokens.Take().Kind == TokenKind.Start ? AtKind.Start : AtKind.End;
            tokens.Expect(TokenKind.LeftParen);
            tokens.Expect(TokenKind.RightParen);
            tokens.Unblame();
            return With(expr, ModifiersForAt(expr) with { At = kind });
        }

        var negative = tokens.Kind == TokenKind.Sub;
        if (tokens.Kind is TokenKind.Add or TokenKind.Sub)
        {
            tokens.Take();
        }

        if (tokens.Kind is not (TokenKind.Number or TokenKind.Duration))
        {
            throw tokens.Unexpected("@", "timestamp");
        }

        var seconds = NumberReader.Read(tokens, tokens.Take());
        seconds = negative ? -seconds : seconds;
        if (double.IsNaN(seconds) || seconds >= long.MaxValue || seconds <= long.MinValue)
        {
            throw tokens.Error(expr.Position, $"timestamp out of bounds for @ modifier: {GoFloat.FormatDecimals(seconds, 6)}");
        }

        var timestamp = (long)Math.Round(seconds * 1000, MidpointRounding.AwayFromZero);
        return With(expr, ModifiersForAt(expr) with { At = AtKind.Timestamp, AtTimestamp = timestamp });
    }

    private TimeModifiers ModifiersForAt(Expr expr)
    {
        var modifiers = ModifiersOf(expr)
            ?? throw tokens.Error(
                expr.Position,
                "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery");
        return modifiers.At != AtKind.None
            ? throw tokens.Error(expr.Position, "@ <timestamp> may not be set multiple times")
            : modifiers;
    }

    private static TimeModifiers? ModifiersOf(Expr expr) => expr switch
    {
        VectorSelector s => s.Modifiers,
        MatrixSelector m => m.Selector.Modifiers,
        SubqueryExpr q => q.Modifiers,
        _ => null,
    };

    private Expr With(Expr expr, TimeModifiers modifiers)
    {
        var position = new PositionRange(expr.Position.Start, tokens.LastClosing);
        return expr switch
        {
            VectorSelector s => s with { Modifiers = modifiers, Position = position },
            MatrixSelector m => m with { Selector = m.Selector with { Modifiers = modifiers }, Position = position },
            SubqueryExpr q => q with { Modifiers = modifiers, Position = position },
            _ => expr,
        };
    }

    private Expr SetExtended(Expr expr, string name, Func<VectorSelector, VectorSelector> set)
    {
        if (!options.ExtendedRangeSelectors)
        {
            throw tokens.Error(expr.Position, $"{name} modifier is experimental and not enabled");
        }

        Expr changed = expr switch
        {
            VectorSelector s => set(s),
            MatrixSelector m => m with { Selector = set(m.Selector) },
            SubqueryExpr => throw tokens.Error(expr.Position, $"{name} modifier is not supported for subqueries"),
            _ => throw tokens.Error(expr.Position, $"{name} modifier not implemented"),
        };
        return changed is VectorSelector { Anchored: true, Smoothed: true } or MatrixSelector { Selector: { Anchored: true, Smoothed: true } }
            ? throw tokens.Error(expr.Position, "anchored and smoothed modifiers cannot be used together")
            : changed;
    }
}
