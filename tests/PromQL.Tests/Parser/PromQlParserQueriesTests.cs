using Deucalion.PromQL.Parser;
using Deucalion.PromQL.Printer;
using Xunit;

namespace Deucalion.PromQL.Tests.Parser;

public sealed class PromQlParserQueriesTests
{
    // Queries of the suites that are meant to fail already when they are parsed.
    private static readonly HashSet<string> Bad = ["{__name__=~\".*\"}"];

    [Theory]
    [InlineData("promqltest.txt", 1500)]
    [InlineData("compliance.txt", 500)]
    public void Parses_EveryQueryOfTheSuite(string file, int atLeast)
    {
        var queries = QueryFiles.Read(file);
        Assert.True(queries.Length > atLeast);
        var failures = new List<string>();
        foreach (var query in queries)
        {
            try
            {
                PromQlParser.Parse(query, ParserOptions.All);
            }
            catch (ParseException e)
            {
                if (!Bad.Contains(query))
                {
                    failures.Add($"{query}: {e.Message}");
                }
            }
        }

        Assert.Empty(failures);
    }

    [Fact]
    public void PrintsWhatParsesToTheSame()
    {
        foreach (var query in QueryFiles.All())
        {
            var expr = Try(query);
            if (expr is null)
            {
                continue;
            }

            foreach (var text in new[] { ExprPrinter.Print(expr), PrettyPrinter.Print(expr) })
            {
                var again = PromQlParser.Parse(text, ParserOptions.All);
                Assert.True(TreeText.Of(expr) == TreeText.Of(again), $"{query} printed as {text}");
                Assert.Equal(ExprPrinter.Print(expr), ExprPrinter.Print(again));
            }
        }
    }

    private static Ast.Expr? Try(string query)
    {
        try
        {
            return PromQlParser.Parse(query, ParserOptions.All);
        }
        catch (ParseException)
        {
            return null;
        }
    }
}
