using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Engine;
using Deucalion.PromQL.Parser;
using Deucalion.Querier.Json;
using Deucalion.Querier.Sources;

namespace Deucalion.Querier.Api;

/// <summary><c>/query_exemplars</c>: the exemplars of all series that the query's selectors select, whatever it computes from them. Thread-safe.</summary>
internal sealed class ExemplarsEndpoint(ITenantSources sources, PromQlEngine engine)
{
    /// <summary>Answers.</summary>
    public async ValueTask AnswerAsync(ApiCall call)
    {
        var start = call.OptionalTime("start", ParameterText.MinTime);
        var end = call.OptionalTime("end", ParameterText.MaxTime);
        if (end < start)
        {
            throw ApiException.BadData("end timestamp must not be before start timestamp");
        }

        var selectors = new List<IReadOnlyList<LabelMatcher>>();
        AddSelectors(Parse(call.Parameters.Get("query")), selectors);
        if (selectors.Count == 0)
        {
            call.NoContent = true;
            return;
        }

        var found = await sources.ExemplarsAsync(call.Tenant, selectors, start, end, call.Aborted);
        call.Output.Raw((byte)'[');
        for (var i = 0; i < found.Count; i++)
        {
            call.Output.Raw(i > 0 ? ",{\"seriesLabels\":"u8 : "{\"seriesLabels\":"u8);
            QueryResultJson.WriteLabels(call.Output, found[i].Series);
            call.Output.Raw(",\"exemplars\":["u8);
            for (var j = 0; j < found[i].Exemplars.Count; j++)
            {
                if (j > 0)
                {
                    call.Output.Raw((byte)',');
                }

                Write(call.Output, found[i].Exemplars[j]);
                await call.FlushIfFullAsync();
            }

            call.Output.Raw("]}"u8);
        }

        call.Output.Raw((byte)']');
    }

    private static void Write(JsonOutput output, Exemplar exemplar)
    {
        output.Raw("{\"labels\":"u8);
        QueryResultJson.WriteLabels(output, exemplar.Labels);
        output.Raw(",\"value\":\""u8);
        output.Advance(SampleText.WriteValue(output.Reserve(SampleText.MaxFloatLength), exemplar.Value));
        output.Raw("\",\"timestamp\":"u8);
        output.Advance(SampleText.WriteTime(output.Reserve(SampleText.MaxTimeLength), exemplar.Time));
        output.Raw((byte)'}');
    }

    private Expr Parse(string text)
    {
        try
        {
            return PromQlParser.Parse(text, engine.ParserOptions);
        }
        catch (ParseException e)
        {
            // Unlike other endpoints this one does not name the parameter.
            throw ApiException.BadData(e.Message);
        }
    }

    private static void AddSelectors(Expr expr, List<IReadOnlyList<LabelMatcher>> into)
    {
        switch (expr)
        {
            case VectorSelector selector:
                into.Add(selector.Matchers);
                break;
            case MatrixSelector matrix:
                into.Add(matrix.Selector.Matchers);
                break;
            case ParenExpr paren:
                AddSelectors(paren.Inner, into);
                break;
            case UnaryExpr unary:
                AddSelectors(unary.Inner, into);
                break;
            case SubqueryExpr subquery:
                AddSelectors(subquery.Inner, into);
                break;
            case BinaryExpr binary:
                AddSelectors(binary.Left, into);
                AddSelectors(binary.Right, into);
                break;
            case AggregateExpr aggregate:
                AddSelectors(aggregate.Inner, into);
                if (aggregate.Parameter is { } parameter)
                {
                    AddSelectors(parameter, into);
                }

                break;
            case CallExpr function:
                foreach (var argument in function.Arguments)
                {
                    AddSelectors(argument, into);
                }

                break;
            default:
                break;
        }
    }
}
