using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Parser;

/// <summary>Reads what may follow a binary operator, and lists of grouping labels.</summary>
internal sealed class MatchingParser(TokenStream tokens)
{
    private const string Context = "grouping opts";

    /// <summary>Reads <c>bool</c>, <c>on</c> or <c>ignoring</c>, <c>group_left</c> or <c>group_right</c>, and fills; all may be absent.</summary>
    public (VectorMatching Matching, bool ReturnBool) Parse()
    {
        var returnBool = tokens.Kind == TokenKind.Bool;
        if (returnBool)
        {
            tokens.Take();
        }

        var matching = new VectorMatching();
        if (tokens.Kind is TokenKind.On or TokenKind.Ignoring)
        {
            var on = tokens.Take().Kind == TokenKind.On;
            matching = matching with { On = on, Labels = ParseLabels() };
            if (tokens.Kind is TokenKind.GroupLeft or TokenKind.GroupRight)
            {
                var left = tokens.Take().Kind == TokenKind.GroupLeft;
                matching = matching with
                {
                    Cardinality = left ? MatchCardinality.ManyToOne : MatchCardinality.OneToMany,
                    Include = IsEmptyInclude(tokens.Kind) ? [] : ParseLabels(),
                };
            }
        }

        return (ParseFills(matching), returnBool);
    }

    /// <summary>Reads labels in parentheses.</summary>
    public IReadOnlyList<string> ParseLabels()
    {
        if (tokens.Kind != TokenKind.LeftParen)
        {
            throw tokens.Unexpected(Context, "\"(\"");
        }

        tokens.Take();
        var labels = new List<string>();
        while (tokens.Kind != TokenKind.RightParen)
        {
            labels.Add(ParseLabel());
            if (tokens.Kind == TokenKind.Comma)
            {
                tokens.Take();
            }
            else if (tokens.Kind != TokenKind.RightParen)
            {
                throw tokens.Unexpected(Context, "\",\" or \")\"");
            }
        }

        tokens.Take();
        return labels;
    }

    private static bool IsEmptyInclude(TokenKind next) => next != TokenKind.LeftParen && ExprParser.StartsExpression(next);

    private static bool IsLabel(Token token) => token.Kind is TokenKind.Identifier or TokenKind.MetricIdentifier or TokenKind.Atan2
            or TokenKind.And or TokenKind.Or or TokenKind.Unless or (>= TokenKind.Start and <= TokenKind.MinOf)
        || token.IsAggregator
        || (token.IsKeyword && token.Kind != TokenKind.Without);

    private string ParseLabel()
    {
        var token = tokens.Peek();
        if (token.Kind == TokenKind.String)
        {
            tokens.Take();
            var name = GoString.Unquote(token.Text);
            return LabelText.IsValidName(name) ? name : throw tokens.Error(token.Position, $"invalid label name for grouping: {LabelText.Quote(name)}");
        }

        return IsLabel(token) ? tokens.Take().Text : throw tokens.Unexpected(Context, "label");
    }

    private VectorMatching ParseFills(VectorMatching matching)
    {
        switch (tokens.Kind)
        {
            case TokenKind.Fill:
                tokens.Take();
                var both = ParseFill();
                return matching with { FillLeft = both, FillRight = both };
            case TokenKind.FillLeft:
                tokens.Take();
                matching = matching with { FillLeft = ParseFill() };
                if (tokens.Kind == TokenKind.FillRight)
                {
                    tokens.Take();
                    matching = matching with { FillRight = ParseFill() };
                }

                return matching;
            case TokenKind.FillRight:
                tokens.Take();
                matching = matching with { FillRight = ParseFill() };
                if (tokens.Kind == TokenKind.FillLeft)
                {
                    tokens.Take();
                    matching = matching with { FillLeft = ParseFill() };
                }

                return matching;
            default:
                return matching;
        }
    }

    private double ParseFill()
    {
        tokens.Expect(TokenKind.LeftParen);
        var negative = tokens.Kind == TokenKind.Sub;
        if (tokens.Kind is TokenKind.Add or TokenKind.Sub)
        {
            tokens.Take();
        }

        if (tokens.Kind is not (TokenKind.Number or TokenKind.Duration))
        {
            throw tokens.Unexpected();
        }

        var value = NumberReader.Read(tokens, tokens.Take());
        tokens.Expect(TokenKind.RightParen);
        return negative ? -value : value;
    }
}
