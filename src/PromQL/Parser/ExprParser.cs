using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Functions;

namespace Deucalion.PromQL.Parser;

/// <summary>Reads expressions by precedence climbing. Types are checked later.</summary>
internal sealed class ExprParser(TokenStream tokens, ParserOptions options)
{
    private const int PowPower = 6;

    private readonly SelectorParser _selectors = new(tokens);
    private readonly ModifierParser _modifiers = new(tokens, options);
    private readonly MatchingParser _matching = new(tokens);

    public Expr Parse() => ParseBinary(1);

    /// <summary>Whether an expression may begin with a token of this kind.</summary>
    public static bool StartsExpression(TokenKind kind) => SelectorParser.IsMetricName(kind)
        || kind is TokenKind.Number or TokenKind.Duration or TokenKind.String or TokenKind.LeftParen or TokenKind.LeftBrace
            or TokenKind.Add or TokenKind.Sub;

    private static (BinaryOp Op, int Power)? Operator(TokenKind kind) => kind switch
    {
        TokenKind.Or => (BinaryOp.Or, 1),
        TokenKind.And => (BinaryOp.And, 2),
        TokenKind.Unless => (BinaryOp.Unless, 2),
        TokenKind.Eql => (BinaryOp.Eql, 3),
        TokenKind.Neq => (BinaryOp.Neq, 3),
        TokenKind.Lss => (BinaryOp.Lss, 3),
        TokenKind.Lte => (BinaryOp.Lte, 3),
        TokenKind.Gtr => (BinaryOp.Gtr, 3),
        TokenKind.Gte => (BinaryOp.Gte, 3),
        TokenKind.TrimUpper => (BinaryOp.TrimUpper, 3),
        TokenKind.TrimLower => (BinaryOp.TrimLower, 3),
        TokenKind.Add => (BinaryOp.Add, 4),
        TokenKind.Sub => (BinaryOp.Sub, 4),
        TokenKind.Mul => (BinaryOp.Mul, 5),
        TokenKind.Div => (BinaryOp.Div, 5),
        TokenKind.Mod => (BinaryOp.Mod, 5),
        TokenKind.Atan2 => (BinaryOp.Atan2, 5),
        TokenKind.Pow => (BinaryOp.Pow, PowPower),
        _ => null,
    };

    private Expr ParseBinary(int minPower)
    {
        tokens.Enter(tokens.Peek().Position);
        var left = ParseUnary();
        while (Operator(tokens.Kind) is { } op && op.Power >= minPower)
        {
            tokens.Take();
            var (matching, returnBool) = _matching.Parse();
            var right = ParseBinary(op.Op == BinaryOp.Pow ? op.Power : op.Power + 1);
            left = MakeBinary(op.Op, left, right, matching, returnBool);
        }

        tokens.Leave();
        return left;
    }

    private BinaryExpr MakeBinary(BinaryOp op, Expr left, Expr right, VectorMatching matching, bool returnBool)
    {
        var position = new PositionRange(left.Position.Start, right.Position.End);
        if (!options.BinopFillModifiers && (matching.FillLeft is not null || matching.FillRight is not null))
        {
            throw tokens.Error(position, "binop fill modifiers are experimental and not enabled");
        }

        return new BinaryExpr { Op = op, Left = left, Right = right, Matching = matching, ReturnBool = returnBool, Position = position };
    }

    private Expr ParseUnary()
    {
        if (tokens.Kind is not (TokenKind.Add or TokenKind.Sub))
        {
            return _modifiers.Parse(ParsePrimary());
        }

        var sign = tokens.Take();
        var isMinus = sign.Kind == TokenKind.Sub;
        var operand = ParseBinary(PowPower);
        var position = new PositionRange(sign.Start, operand.Position.End);
        return operand is NumberLiteral number
            ? number with { Value = isMinus ? -number.Value : number.Value, Position = position }
            : new UnaryExpr(isMinus, operand) { Position = position };
    }

    private Expr ParsePrimary()
    {
        var kind = tokens.Kind;
        switch (kind)
        {
            case TokenKind.Number or TokenKind.Duration:
                var number = tokens.Take();
                return new NumberLiteral(NumberReader.Read(tokens, number), kind == TokenKind.Duration) { Position = number.Position };
            case TokenKind.String:
                var text = tokens.Take();
                return new StringLiteral(GoString.Unquote(text.Text)) { Position = text.Position };
            case TokenKind.LeftParen:
                var open = tokens.Take();
                var inner = ParseBinary(1);
                var close = tokens.Expect(TokenKind.RightParen);
                return new ParenExpr(inner) { Position = new(open.Start, close.End) };
            case TokenKind.LeftBrace:
                return _selectors.Parse();
        }

        if (!SelectorParser.IsMetricName(kind))
        {
            throw tokens.Unexpected();
        }

        var name = tokens.Take();
        if (name.IsAggregator && tokens.Kind is TokenKind.LeftParen or TokenKind.By or TokenKind.Without)
        {
            return ParseAggregate(name);
        }

        var mayBeFunction = kind is TokenKind.Identifier or (>= TokenKind.Start and <= TokenKind.MinOf);
        return mayBeFunction && tokens.Kind == TokenKind.LeftParen ? ParseCall(name) : _selectors.ParseAfterName(name);
    }

    private CallExpr ParseCall(Token name)
    {
        var arguments = ParseArguments(out var end);
        var function = FunctionCatalog.Find(name.Text);
        if (function is null)
        {
            throw tokens.Error(name.Position, $"unknown function with name {LabelText.Quote(name.Text)}");
        }

        if (function.Experimental && !options.ExperimentalFunctions)
        {
            throw tokens.Error(name.Position, $"function {LabelText.Quote(name.Text)} is not enabled");
        }

        return new CallExpr(function, arguments) { Position = new(name.Start, end) };
    }

    private List<Expr> ParseArguments(out int end)
    {
        var arguments = new List<Expr>();
        tokens.Expect(TokenKind.LeftParen);
        if (tokens.Kind != TokenKind.RightParen)
        {
            arguments.Add(ParseBinary(1));
            while (tokens.Kind == TokenKind.Comma)
            {
                var comma = tokens.Take();
                if (!StartsExpression(tokens.Kind))
                {
                    throw tokens.Error(comma.Position, "trailing commas not allowed in function call args");
                }

                arguments.Add(ParseBinary(1));
            }
        }

        end = tokens.Expect(TokenKind.RightParen).End;
        return arguments;
    }

    private AggregateExpr ParseAggregate(Token name)
    {
        tokens.Blame("aggregation", string.Empty);
        IReadOnlyList<string> grouping = [];
        var without = false;
        var hasModifier = tokens.Kind is TokenKind.By or TokenKind.Without;
        if (hasModifier)
        {
            without = tokens.Take().Kind == TokenKind.Without;
            grouping = _matching.ParseLabels();
        }

        var arguments = ParseArguments(out var end);
        if (!hasModifier && tokens.Kind is TokenKind.By or TokenKind.Without)
        {
            without = tokens.Take().Kind == TokenKind.Without;
            grouping = _matching.ParseLabels();
            end = tokens.LastClosing;
        }

        tokens.Unblame();
        return MakeAggregate(name, new(name.Start, end), arguments, grouping, without);
    }

    private AggregateExpr MakeAggregate(Token name, PositionRange position, List<Expr> arguments, IReadOnlyList<string> grouping, bool without)
    {
        var op = (AggregateOp)(name.Kind - TokenKind.Sum);
        if (arguments.Count == 0)
        {
            throw tokens.Error(position, "no arguments for aggregate expression provided");
        }

        if (op is AggregateOp.LimitK or AggregateOp.LimitRatio && !options.ExperimentalFunctions)
        {
            var spelled = op == AggregateOp.LimitK ? "limitk" : "limit_ratio";
            throw tokens.Error(position, $"{spelled}() is experimental and must be enabled with --enable-feature=promql-experimental-functions");
        }

        var wanted = op is AggregateOp.TopK or AggregateOp.BottomK or AggregateOp.CountValues or AggregateOp.Quantile
            or AggregateOp.LimitK or AggregateOp.LimitRatio ? 2 : 1;
        if (arguments.Count != wanted)
        {
            throw tokens.Error(
                position,
                $"wrong number of arguments for aggregate expression provided, expected {wanted}, got {arguments.Count}");
        }

        return new AggregateExpr
        {
            Op = op,
            Inner = arguments[^1],
            Parameter = wanted == 2 ? arguments[0] : null,
            Grouping = grouping,
            Without = without,
            Position = position,
        };
    }
}
