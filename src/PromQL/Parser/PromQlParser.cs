using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Parser;

/// <summary>Reads PromQL. Thread-safe.</summary>
public static class PromQlParser
{
    /// <summary>Reads an expression and checks its types.</summary>
    /// <exception cref="ParseException">The query is not valid.</exception>
    public static Expr Parse(string query, ParserOptions options)
    {
        var tokens = new TokenStream(query);
        if (tokens.Kind == TokenKind.EndOfInput)
        {
            throw tokens.Error(default, "no expression found in input");
        }

        var expr = new ExprParser(tokens, options).Parse();
        if (tokens.Kind != TokenKind.EndOfInput)
        {
            throw tokens.Unexpected();
        }

        TreeDepth.Check(expr, tokens);
        return new TypeChecker(query).Check(expr);
    }

    /// <summary>Reads an instant selector without modifiers, as <c>match[]</c> holds it. It may match everything.</summary>
    /// <returns>The matchers, that of a name before the braces last.</returns>
    /// <exception cref="ParseException">The text is not a selector.</exception>
    public static IReadOnlyList<LabelMatcher> ParseMetricSelector(string selector)
    {
        var tokens = new TokenStream(selector);
        var parsed = new SelectorParser(tokens).Parse();
        return tokens.Kind == TokenKind.EndOfInput ? parsed.Matchers : throw tokens.Unexpected();
    }
}
