using System.Text.Json;
using Deucalion.Common.Text;
using Deucalion.PromQL.Ast;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.PromQL.Printer;

/// <summary>Syntax trees as the JSON of <c>/api/v1/parse_query</c>. Members are in alphabetical order.</summary>
public static class ParseTree
{
    /// <summary>Writes the tree as one JSON value.</summary>
    public static void Write(Utf8JsonWriter json, Expr expr)
    {
        json.WriteStartObject();
        switch (expr)
        {
            case AggregateExpr e:
                WriteAggregate(json, e);
                break;
            case BinaryExpr e:
                WriteBinary(json, e);
                break;
            case CallExpr e:
                WriteCall(json, e);
                break;
            case MatrixSelector e:
                WriteSelector(json, e.Selector, e);
                break;
            case VectorSelector e:
                WriteSelector(json, e, null);
                break;
            case SubqueryExpr e:
                WriteSubquery(json, e);
                break;
            case NumberLiteral e:
                json.WriteString("type", "numberLiteral");
                json.WriteString("val", GoFloat.FormatFixed(e.Value));
                break;
            case StringLiteral e:
                json.WriteString("type", "stringLiteral");
                json.WriteString("val", e.Value);
                break;
            case ParenExpr e:
                json.WritePropertyName("expr");
                Write(json, e.Inner);
                json.WriteString("type", "parenExpr");
                break;
            case UnaryExpr e:
                json.WritePropertyName("expr");
                Write(json, e.Inner);
                json.WriteString("op", e.IsMinus ? "-" : "+");
                json.WriteString("type", "unaryExpr");
                break;
            default:
                throw new ArgumentException($"unknown node {expr.GetType().Name}", nameof(expr));
        }

        json.WriteEndObject();
    }

    private static void WriteAggregate(Utf8JsonWriter json, AggregateExpr e)
    {
        json.WritePropertyName("expr");
        Write(json, e.Inner);
        WriteStrings(json, "grouping", e.Grouping);
        json.WriteString("op", OperatorText.Of(e.Op));
        json.WritePropertyName("param");
        if (e.Parameter is null)
        {
            json.WriteNullValue();
        }
        else
        {
            Write(json, e.Parameter);
        }

        json.WriteString("type", "aggregation");
        json.WriteBoolean("without", e.Without);
    }

    private static void WriteBinary(Utf8JsonWriter json, BinaryExpr e)
    {
        json.WriteBoolean("bool", e.ReturnBool);
        json.WritePropertyName("lhs");
        Write(json, e.Left);
        json.WritePropertyName("matching");
        if (e.Matching is { } m)
        {
            json.WriteStartObject();
            json.WriteString("card", m.Cardinality switch
            {
                MatchCardinality.OneToOne => "one-to-one",
                MatchCardinality.ManyToOne => "many-to-one",
                MatchCardinality.OneToMany => "one-to-many",
                _ => "many-to-many",
            });
            json.WriteStartObject("fillValues");
            WriteFill(json, "lhs", m.FillLeft);
            WriteFill(json, "rhs", m.FillRight);
            json.WriteEndObject();
            WriteStrings(json, "include", m.Include);
            WriteStrings(json, "labels", m.Labels);
            json.WriteBoolean("on", m.On);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteString("op", OperatorText.Of(e.Op));
        json.WritePropertyName("rhs");
        Write(json, e.Right);
        json.WriteString("type", "binaryExpr");
    }

    // JSON has no infinities; they go as strings.
    private static void WriteFill(Utf8JsonWriter json, string name, double? fill)
    {
        switch (fill)
        {
            case null:
                json.WriteNull(name);
                break;
            case { } value when double.IsFinite(value):
                json.WriteNumber(name, value);
                break;
            default:
                json.WriteString(name, GoFloat.FormatApi(fill.Value));
                break;
        }
    }

    private static void WriteCall(Utf8JsonWriter json, CallExpr e)
    {
        json.WriteStartArray("args");
        foreach (var argument in e.Arguments)
        {
            Write(json, argument);
        }

        json.WriteEndArray();
        json.WriteStartObject("func");
        WriteStrings(json, "argTypes", e.Function.ArgumentTypes.Select(OperatorText.Of));
        json.WriteString("name", e.Function.Name);
        json.WriteString("returnType", OperatorText.Of(e.Function.ReturnType));
        json.WriteNumber("variadic", e.Function.Variadic);
        json.WriteEndObject();
        json.WriteString("type", "call");
    }

    private static void WriteSelector(Utf8JsonWriter json, VectorSelector e, MatrixSelector? matrix)
    {
        json.WriteBoolean("anchored", e.Anchored);
        json.WriteStartArray("matchers");
        foreach (var matcher in e.Matchers)
        {
            json.WriteStartObject();
            json.WriteString("name", matcher.Name);
            json.WriteString("type", matcher.Type switch { MatchType.Equal => "=", MatchType.NotEqual => "!=", MatchType.Regex => "=~", _ => "!~" });
            json.WriteString("value", matcher.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("name", e.Name);
        WriteOffset(json, e.Modifiers);
        if (matrix is not null)
        {
            json.WriteNumber("range", matrix.Range);
            WriteDuration(json, "rangeExpr", matrix.RangeExpr);
        }

        json.WriteBoolean("smoothed", e.Smoothed);
        WriteAt(json, e.Modifiers);
        json.WriteString("type", matrix is null ? "vectorSelector" : "matrixSelector");
    }

    private static void WriteSubquery(Utf8JsonWriter json, SubqueryExpr e)
    {
        json.WritePropertyName("expr");
        Write(json, e.Inner);
        WriteOffset(json, e.Modifiers);
        json.WriteNumber("range", e.Range);
        WriteDuration(json, "rangeExpr", e.RangeExpr);
        WriteStartOrEnd(json, e.Modifiers);
        json.WriteNumber("step", e.Step);
        WriteDuration(json, "stepExpr", e.StepExpr);
        WriteTimestamp(json, e.Modifiers);
        json.WriteString("type", "subquery");
    }

    private static void WriteOffset(Utf8JsonWriter json, TimeModifiers modifiers)
    {
        json.WriteNumber("offset", modifiers.Offset);
        WriteDuration(json, "offsetExpr", modifiers.OffsetExpr);
    }

    private static void WriteAt(Utf8JsonWriter json, TimeModifiers modifiers)
    {
        WriteStartOrEnd(json, modifiers);
        WriteTimestamp(json, modifiers);
    }

    private static void WriteStartOrEnd(Utf8JsonWriter json, TimeModifiers modifiers)
    {
        var text = modifiers.At switch { AtKind.Start => "start", AtKind.End => "end", _ => null };
        json.WriteString("startOrEnd", text);
    }

    private static void WriteTimestamp(Utf8JsonWriter json, TimeModifiers modifiers)
    {
        if (modifiers.At == AtKind.Timestamp)
        {
            json.WriteNumber("timestamp", modifiers.AtTimestamp);
        }
        else
        {
            json.WriteNull("timestamp");
        }
    }

    private static void WriteDuration(Utf8JsonWriter json, string name, DurationExpr? e)
    {
        json.WritePropertyName(name);
        if (e is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        if (e.Op == DurationOp.Literal)
        {
            json.WriteBoolean("duration", e.IsDuration);
            json.WriteString("type", "numberLiteral");
            json.WriteString("val", GoFloat.FormatFixed(e.Seconds));
        }
        else
        {
            WriteDuration(json, "lhs", e.Left);
            json.WriteString("op", OperatorText.Of(e.Op));
            WriteDuration(json, "rhs", e.Right);
            json.WriteString("type", "durationExpr");
            json.WriteBoolean("wrapped", e.Wrapped);
        }

        json.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> list)
    {
        json.WriteStartArray(name);
        foreach (var item in list)
        {
            json.WriteStringValue(item);
        }

        json.WriteEndArray();
    }
}
