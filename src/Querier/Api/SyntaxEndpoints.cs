using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Printer;

namespace Deucalion.Querier.Api;

/// <summary>The endpoints that only look at a query's text. Thread-safe.</summary>
internal sealed class SyntaxEndpoints(QueryRunner runner)
{
    private static readonly JsonWriterOptions TreeOptions = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), SkipValidation = true };

    /// <summary><c>/query_exemplars</c>: no exemplars are stored, so none are found.</summary>
    public static ValueTask Exemplars(ApiCall call)
    {
        var start = call.OptionalTime("start", ParameterText.MinTime);
        var end = call.OptionalTime("end", ParameterText.MaxTime);
        if (end < start)
        {
            throw ApiException.BadData("end timestamp must not be before start timestamp");
        }

        var text = call.Parameters.Get("query");
        Expr expr;
        try
        {
            expr = PromQL.Parser.PromQlParser.Parse(text, PromQL.Parser.ParserOptions.Default);
        }
        catch (PromQL.Parser.ParseException e)
        {
            throw ApiException.BadData(e.Message);
        }

        call.NoContent = !HasSelector(expr);
        call.Output.Raw("[]"u8);
        return default;
    }

    /// <summary><c>/format_query</c></summary>
    public ValueTask Format(ApiCall call)
    {
        call.Output.String(PrettyPrinter.Print(runner.Parse(call.Parameters.Get("query"))));
        return default;
    }

    /// <summary><c>/parse_query</c></summary>
    public ValueTask Parse(ApiCall call)
    {
        var expr = runner.Parse(call.Parameters.Get("query"));
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, TreeOptions))
        {
            ParseTree.Write(json, expr);
        }

        call.Output.Raw(buffer.WrittenSpan);
        return default;
    }

    private static bool HasSelector(Expr expr) => expr switch
    {
        VectorSelector or MatrixSelector => true,
        ParenExpr paren => HasSelector(paren.Inner),
        UnaryExpr unary => HasSelector(unary.Inner),
        SubqueryExpr subquery => HasSelector(subquery.Inner),
        CallExpr function => function.Arguments.Any(HasSelector),
        BinaryExpr binary => HasSelector(binary.Left) || HasSelector(binary.Right),
        AggregateExpr aggregate => HasSelector(aggregate.Inner) || (aggregate.Parameter is { } parameter && HasSelector(parameter)),
        _ => false,
    };
}
