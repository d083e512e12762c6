using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Parser;

/// <summary>Reads durations and expressions in their place. A plain duration comes as <see cref="DurationOp.Literal"/>.</summary>
internal sealed class DurationExprParser(TokenStream tokens)
{
    private const double MaxSeconds = (1UL << 63) / 1e9;
    private const int UnaryPower = 3;

    /// <summary>A range or step: a literal must be greater than 0.</summary>
    public DurationExpr ParsePositive()
    {
        var duration = ParseBinary(1);
        return duration is { Op: DurationOp.Literal, Seconds: <= 0 }
            ? throw tokens.Error(duration.Position, "duration must be greater than 0")
            : duration;
    }

    /// <summary>An offset. Only a leading parenthesis or double sign lets binary operators belong to it.</summary>
    public DurationExpr ParseOffset()
    {
        switch (tokens.Kind)
        {
            case TokenKind.LeftParen:
                return ParseBinary(1);
            case TokenKind.Add or TokenKind.Sub:
                var sign = tokens.Take();
                if (tokens.Kind == TokenKind.LeftParen)
                {
                    return Sign(sign, ParseSignedParen());
                }

                return tokens.Kind is TokenKind.Add or TokenKind.Sub
                    ? ContinueBinary(Sign(sign, ParseBinary(UnaryPower + 1)), 1)
                    : SignOffset(sign, ParsePrimary());
            default:
                return ParsePrimary();
        }
    }

    private static int Power(TokenKind kind) => kind switch
    {
        TokenKind.Add or TokenKind.Sub => 1,
        TokenKind.Mul or TokenKind.Div or TokenKind.Mod => 2,
        TokenKind.Pow => 4,
        _ => 0,
    };

    private static DurationOp Operator(TokenKind kind) => kind switch
    {
        TokenKind.Add => DurationOp.Add,
        TokenKind.Sub => DurationOp.Sub,
        TokenKind.Mul => DurationOp.Mul,
        TokenKind.Div => DurationOp.Div,
        TokenKind.Mod => DurationOp.Mod,
        _ => DurationOp.Pow,
    };

    private DurationExpr ParseBinary(int minPower)
    {
        tokens.Enter(tokens.Peek().Position);
        DurationExpr left;
        if (tokens.Kind is TokenKind.Add or TokenKind.Sub)
        {
            var sign = tokens.Take();
            left = Sign(sign, ParseBinary(UnaryPower));
        }
        else
        {
            left = ParsePrimary();
        }

        left = ContinueBinary(left, minPower);
        tokens.Leave();
        return left;
    }

    private DurationExpr ContinueBinary(DurationExpr left, int minPower)
    {
        while (Power(tokens.Kind) is var power and > 0 && power >= minPower)
        {
            var op = tokens.Take();
            var right = ParseBinary(op.Kind == TokenKind.Pow ? power : power + 1);
            if (op.Kind is TokenKind.Div or TokenKind.Mod && right is { Op: DurationOp.Literal, Seconds: 0 })
            {
                throw tokens.Error(op.Position, op.Kind == TokenKind.Div ? "division by zero" : "modulo by zero");
            }

            left = new DurationExpr
            {
                Op = Operator(op.Kind),
                Left = left,
                Right = right,
                Position = new(left.Position.Start, right.Position.End),
            };
        }

        return left;
    }

    private DurationExpr ParsePrimary()
    {
        switch (tokens.Kind)
        {
            case TokenKind.Number or TokenKind.Duration:
                var token = tokens.Take();
                var seconds = NumberReader.Read(tokens, token);
                return OutOfRange(seconds)
                    ? throw tokens.Error(token.Position, "duration out of range")
                    : new DurationExpr { Op = DurationOp.Literal, Seconds = seconds, IsDuration = token.Kind == TokenKind.Duration, Position = token.Position };
            case TokenKind.Step or TokenKind.Range:
                var name = tokens.Take();
                tokens.Expect(TokenKind.LeftParen);
                var close = tokens.Expect(TokenKind.RightParen);
                return new DurationExpr
                {
                    Op = name.Kind == TokenKind.Step ? DurationOp.Step : DurationOp.Range,
                    Position = new(name.Start, close.End),
                };
            case TokenKind.MaxOf or TokenKind.MinOf:
                return ParseExtreme();
            case TokenKind.LeftParen:
                return ParseParen();
            default:
                throw tokens.Unexpected();
        }
    }

    private DurationExpr ParseExtreme()
    {
        var op = tokens.Take().Kind == TokenKind.MaxOf ? DurationOp.Max : DurationOp.Min;
        tokens.Expect(TokenKind.LeftParen);
        var left = ParseBinary(1);
        tokens.Expect(TokenKind.Comma);
        var right = ParseBinary(1);
        tokens.Expect(TokenKind.RightParen);
        return new DurationExpr { Op = op, Left = left, Right = right, Position = new(left.Position.Start, right.Position.End) };
    }

    private DurationExpr ParseParen()
    {
        var open = tokens.Take();
        var inner = ParseBinary(1);
        var close = tokens.Expect(TokenKind.RightParen);
        return Wrap(inner, new(open.Start, close.End));
    }

    private DurationExpr ParseSignedParen()
    {
        tokens.Take();
        var inner = ParseBinary(1);
        tokens.Expect(TokenKind.RightParen);
        return Wrap(inner, inner.Position);
    }

    // A literal cannot say that it stood in parentheses, so it goes under a unary plus.
    private static DurationExpr Wrap(DurationExpr inner, PositionRange position) => inner.Op == DurationOp.Literal
        ? new DurationExpr { Op = DurationOp.Add, Right = inner, Wrapped = true, Position = position }
        : inner with { Wrapped = true };

    private static bool OutOfRange(double seconds) => seconds is > MaxSeconds or < -MaxSeconds;

    private static DurationExpr Sign(Token sign, DurationExpr operand)
    {
        var isMinus = sign.Kind == TokenKind.Sub;
        if (operand.Op != DurationOp.Literal)
        {
            return isMinus
                ? new DurationExpr { Op = DurationOp.Sub, Right = operand, Position = new(sign.Start, operand.Position.End) }
                : operand;
        }

        return SignLiteral(sign, operand);
    }

    private static DurationExpr SignLiteral(Token sign, DurationExpr literal) => literal with
    {
        Seconds = sign.Kind == TokenKind.Sub ? -literal.Seconds : literal.Seconds,
        Position = new(sign.Start, literal.Position.End),
    };

    // Directly after "offset" a plus before a function is kept in the tree.
    private static DurationExpr SignOffset(Token sign, DurationExpr operand) => operand.Op == DurationOp.Literal
        ? SignLiteral(sign, operand)
        : new DurationExpr
        {
            Op = sign.Kind == TokenKind.Sub ? DurationOp.Sub : DurationOp.Add,
            Right = operand,
            Position = new(sign.Start, operand.Position.End),
        };
}
