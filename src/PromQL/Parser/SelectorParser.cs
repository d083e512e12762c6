using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.PromQL.Parser;

/// <summary>Reads instant selectors without modifiers.</summary>
internal sealed class SelectorParser(TokenStream tokens)
{
    private const string Context = "label matching";

    /// <summary>Whether a token of this kind may be a metric name.</summary>
    public static bool IsMetricName(TokenKind kind) => kind is TokenKind.Identifier or TokenKind.MetricIdentifier
        or TokenKind.And or TokenKind.Or or TokenKind.Unless
        or (>= TokenKind.Sum and <= TokenKind.LimitRatio)
        or TokenKind.By or TokenKind.Without or TokenKind.Offset or TokenKind.Anchored or TokenKind.Smoothed
        or TokenKind.Fill or TokenKind.FillLeft or TokenKind.FillRight
        or (>= TokenKind.Start and <= TokenKind.MinOf);

    /// <summary>Reads a selector from its start.</summary>
    public VectorSelector Parse()
    {
        if (tokens.Kind == TokenKind.LeftBrace)
        {
            var open = tokens.Peek();
            var matchers = ParseMatchers(out var end);
            return new VectorSelector { Name = string.Empty, Matchers = matchers, Position = new(open.Start, end) };
        }

        return IsMetricName(tokens.Kind) ? ParseAfterName(tokens.Take()) : throw tokens.Unexpected();
    }

    /// <summary>Reads what follows a metric name that has been taken.</summary>
    public VectorSelector ParseAfterName(Token name)
    {
        var matchers = new List<LabelMatcher>();
        var end = name.End;
        if (tokens.Kind == TokenKind.LeftBrace)
        {
            matchers = ParseMatchers(out end);
        }

        matchers.Add(new LabelMatcher(MatchType.Equal, Labels.MetricName, name.Text));
        return new VectorSelector { Name = name.Text, Matchers = matchers, Position = new(name.Start, end) };
    }

    private List<LabelMatcher> ParseMatchers(out int end)
    {
        var matchers = new List<LabelMatcher>();
        tokens.Take();
        while (tokens.Kind != TokenKind.RightBrace)
        {
            matchers.Add(ParseMatcher());
            if (tokens.Kind == TokenKind.Comma)
            {
                tokens.Take();
            }
            else if (tokens.Kind != TokenKind.RightBrace)
            {
                throw tokens.Unexpected(Context, "\",\" or \"}\"");
            }
        }

        end = tokens.Take().End;
        return matchers;
    }

    private LabelMatcher ParseMatcher()
    {
        if (tokens.Kind is not (TokenKind.Identifier or TokenKind.String))
        {
            throw tokens.Unexpected(Context, "identifier or \"}\"");
        }

        var label = tokens.Take();
        var isQuoted = label.Kind == TokenKind.String;
        var name = isQuoted ? GoString.Unquote(label.Text) : label.Text;
        MatchType? type = tokens.Kind switch
        {
            TokenKind.Assign => MatchType.Equal,
            TokenKind.Neq => MatchType.NotEqual,
            TokenKind.EqlRegex => MatchType.Regex,
            TokenKind.NeqRegex => MatchType.NotRegex,
            _ => null,
        };
        if (type is null)
        {
            return isQuoted
                ? new LabelMatcher(MatchType.Equal, Labels.MetricName, name)
                : throw tokens.Unexpected(Context, "label matching operator");
        }

        tokens.Take();
        if (tokens.Kind != TokenKind.String)
        {
            throw tokens.Unexpected(Context, "string");
        }

        var value = tokens.Take();
        try
        {
            return new LabelMatcher(type.Value, name, GoString.Unquote(value.Text));
        }
        catch (RegexSyntaxException e)
        {
            throw tokens.Error(new(label.Start, value.End), e.Message);
        }
    }
}
