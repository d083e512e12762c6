using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Printer;

namespace Deucalion.PromQL.Tests.Parser;

/// <summary>A tree as JSON without what printing does not keep: the order of matchers and a plus before a duration.</summary>
internal static class TreeText
{
    public static string Of(Expr expr)
    {
        var node = JsonNode.Parse(Json(expr))!;
        Normalize(node);
        return node.ToJsonString();
    }

    public static string Json(Expr expr)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            ParseTree.Write(writer, expr);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Normalize(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject o:
                if (o["matchers"] is JsonArray matchers)
                {
                    o["matchers"] = new JsonArray([.. matchers.Select(m => m!.DeepClone()).OrderBy(m => m.ToJsonString(), StringComparer.Ordinal)]);
                }

                foreach (var (name, value) in o.ToArray())
                {
                    if (value is JsonObject { } d && (string?)d["type"] == "durationExpr" && (string?)d["op"] == "+" && d["lhs"] is null && !(bool)d["wrapped"]!)
                    {
                        o[name] = d["rhs"]!.DeepClone();
                    }

                    Normalize(o[name]);
                }

                break;
            case JsonArray a:
                foreach (var item in a)
                {
                    Normalize(item);
                }

                break;
        }
    }
}
