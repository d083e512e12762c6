using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Deucalion.PromQL.Printer;

namespace Deucalion.Querier.Api;

/// <summary>The endpoints that only look at a query's text. Thread-safe.</summary>
internal sealed class SyntaxEndpoints(QueryRunner runner)
{
    private static readonly JsonWriterOptions TreeOptions = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), SkipValidation = true };

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
}
