using System.Text;
using System.Text.RegularExpressions;
using Deucalion.PromQL.Parser;
using Deucalion.PromQL.Printer;
using Xunit;

namespace Deucalion.PromQL.Tests.Parser;

public sealed partial class PromQlParserFuzz
{
    private static readonly string[] Pieces =
    [
        "(", ")", "[", "]", "{", "}", ",", "by", "without", "on(", "group_left", "bool", "offset", "@", "5m", "1", "-", "+", "==", "=~", "\"x\"",
        "and", "or", "sum(", "topk(", "rate(", "foo", "a=\"b\"", "=", "!", "~", "^", ":", "[5m:", "0x", "1e", "#", "\n", "\"", "'", "`", "\\",
        "\u00e9", "\uD800", "\0", "step()", "max_of(", "anchored", "fill(", "start()", "Inf", "NaN", ".5", "\"\\xff\"", "1h1s", "_",
    ];

    [Fact]
    public void FailsOnlyWithParseException_OnMutatedQueries()
    {
        var random = new Random(314);
        var queries = QueryFiles.All();
        var parsed = 0;
        for (var i = 0; i < 30_000; i++)
        {
            var query = Mutate(random, queries[random.Next(queries.Length)]);
            try
            {
                var expr = PromQlParser.Parse(query, ParserOptions.All);
                var text = ExprPrinter.Print(expr);
                Assert.True(text == ExprPrinter.Print(PromQlParser.Parse(text, ParserOptions.All)), query);
                PrettyPrinter.Print(expr);
                TreeText.Json(expr);
                parsed++;
            }
            catch (ParseException e)
            {
                Assert.InRange(e.Position.Start, 0, query.Length);
            }
        }

        Assert.True(parsed > 1000);
    }

    private static string Mutate(Random random, string query)
    {
        var tokens = Tokens().Matches(query).Select(m => m.Value).ToList();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(tokens.Count + 1);
            switch (random.Next(4))
            {
                case 0 when at < tokens.Count:
                    tokens.RemoveAt(at);
                    break;
                case 1 when at < tokens.Count:
                    var other = random.Next(tokens.Count);
                    (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                    break;
                default:
                    tokens.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
            }
        }

        var text = new StringBuilder();
        text.AppendJoin(string.Empty, tokens);
        return text.ToString();
    }

    [GeneratedRegex("\\s+|[A-Za-z_:][A-Za-z0-9_:]*|[0-9.]+[a-z]*|\"(?:[^\"\\\\]|\\\\.)*\"|.", RegexOptions.Singleline)]
    private static partial Regex Tokens();
}
